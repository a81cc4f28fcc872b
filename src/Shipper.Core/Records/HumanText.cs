using System.Globalization;

namespace Shipper.Records;

/// <summary>Sizes and durations for people.</summary>
internal static class HumanText
{
    private static readonly string[] ByteUnits = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];

    /// <summary>Writes a size with two or three digits: <c>12 B</c>, <c>1.5 KiB</c>, <c>120 MiB</c>.</summary>
    public static string Bytes(double bytes)
    {
        (string number, int unit) = Scale(bytes, 1024, ByteUnits.Length);
        return $"{number} {ByteUnits[unit]}";
    }

    /// <summary>Scales a number so that two or three digits are enough.</summary>
    /// <param name="step">The factor between two units.</param>
    /// <param name="units">Number of units.</param>
    public static (string Number, int Unit) Scale(double value, int step, int units)
    {
        int unit = 0;
        for (; Math.Abs(value) >= step - 0.5 && unit < units - 1; unit++)
        {
            value /= step;
        }

        return (value.ToString(Math.Abs(value) < 9.95 && value != Math.Round(value) ? "0.0" : "0", CultureInfo.InvariantCulture), unit);
    }

    /// <summary>Writes a duration with its two largest units: <c>3 min 20 s</c>.</summary>
    /// <param name="seconds">The duration in seconds.</param>
    public static string Duration(double seconds)
    {
        TimeSpan duration = TimeSpan.FromSeconds(Math.Min(seconds, TimeSpan.MaxValue.TotalSeconds / 2));
        return duration switch
        {
            { TotalSeconds: < 9.95 } => string.Create(CultureInfo.InvariantCulture, $"{duration.TotalSeconds:0.0} s"),
            { TotalSeconds: < 59.5 } => string.Create(CultureInfo.InvariantCulture, $"{duration.TotalSeconds:0} s"),
            { TotalHours: < 1 } => string.Create(CultureInfo.InvariantCulture, $"{(int)duration.TotalMinutes} min {duration.Seconds} s"),
            { TotalDays: < 1 } => string.Create(CultureInfo.InvariantCulture, $"{(int)duration.TotalHours} h {duration.Minutes} min"),
            _ => string.Create(CultureInfo.InvariantCulture, $"{(int)duration.TotalDays} d {duration.Hours} h"),
        };
    }
}
