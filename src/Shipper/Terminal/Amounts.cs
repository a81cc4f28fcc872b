using System.Globalization;

namespace Shipper.Terminal;

/// <summary>Formats amounts as people read them, with two or three digits.</summary>
internal static class Amounts
{
    private static readonly string[] Sizes = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];
    private static readonly string[] Thousands = ["", "k", "M", "G", "T", "P", "E"];

    /// <summary>Formats bytes: 12 B, 1.5 KiB, 120 MiB.</summary>
    public static string Size(double bytes)
    {
        (string number, int unit) = Scale(bytes, 1024, Sizes.Length);
        return $"{number} {Sizes[unit]}";
    }

    /// <summary>Formats a count: 12, 1.5k, 120M.</summary>
    public static string Count(double count)
    {
        (string number, int unit) = Scale(count, 1000, Thousands.Length);
        return number + Thousands[unit];
    }

    /// <summary>Formats a duration: 0.4 s, 12 s, 3m20s, 2h05m, 3d04h.</summary>
    public static string Duration(double seconds) => seconds switch
    {
        < 0.05 => "0 s",
        < 9.95 => string.Create(CultureInfo.InvariantCulture, $"{seconds:0.0} s"),
        < 59.5 => string.Create(CultureInfo.InvariantCulture, $"{seconds:0} s"),
        < 3600 => string.Create(CultureInfo.InvariantCulture, $"{(int)seconds / 60}m{(int)seconds % 60:00}s"),
        < 86400 => string.Create(CultureInfo.InvariantCulture, $"{(int)seconds / 3600}h{(int)seconds / 60 % 60:00}m"),
        < 86400L * 100_000 => string.Create(CultureInfo.InvariantCulture, $"{(long)seconds / 86400}d{(long)seconds / 3600 % 24:00}h"),
        _ => "years",
    };

    private static (string Number, int Unit) Scale(double value, int step, int units)
    {
        int unit = 0;
        while (Math.Abs(value) >= step - 0.5 && unit < units - 1)
        {
            value /= step;
            unit++;
        }

        return (value.ToString(Math.Abs(value) < 9.95 && value != Math.Round(value) ? "0.0" : "0", CultureInfo.InvariantCulture), unit);
    }
}
