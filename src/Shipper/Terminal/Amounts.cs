using System.Globalization;
using Shipper.Records;

namespace Shipper.Terminal;

/// <summary>Formats amounts for the narrow columns of a table.</summary>
internal static class Amounts
{
    private static readonly string[] Thousands = ["", "k", "M", "G", "T", "P", "E"];

    /// <summary>Formats a count: 12, 1.5k, 120M.</summary>
    public static string Count(double count)
    {
        (string number, int unit) = HumanText.Scale(count, 1000, Thousands.Length);
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
}
