using System.Globalization;

namespace Shipper.Records;

/// <summary>Sizes and durations for people.</summary>
internal static class HumanText
{
    private static readonly string[] ByteUnits = ["B", "KiB", "MiB", "GiB", "TiB"];

    /// <summary>Writes a size with at most three digits: <c>1.2 MiB</c>.</summary>
    public static string Bytes(double bytes)
    {
        const double Step = 1024;
        int unit = 0;
        for (; bytes >= Step - 0.5 && unit < ByteUnits.Length - 1; unit++)
        {
            bytes /= Step;
        }

        return string.Create(CultureInfo.InvariantCulture, $"{bytes.ToString(unit == 0 || bytes >= 10 ? "0" : "0.0", CultureInfo.InvariantCulture)} {ByteUnits[unit]}");
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
