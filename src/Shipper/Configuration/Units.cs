using System.Buffers;
using System.Globalization;

namespace Shipper.Configuration;

/// <summary>Parses and formats sizes and durations as people write them.</summary>
internal static class Units
{
    /// <summary>The pattern of a size: a number with a unit, or a number of bytes without one.</summary>
    public const string SizePattern = "^[0-9]+(\\.[0-9]+)? *(B|KiB|MiB|GiB|Ki|Mi|Gi|KB|MB|GB)?$";

    /// <summary>The pattern of a duration: one or more numbers with units, such as 500ms or 1m30s.</summary>
    public const string DurationPattern = "^([0-9]+(\\.[0-9]+)? *(ms|s|m|h|d) *)+$|^0$";

    private const int MaxHours = 1_000_000;

    private static readonly SearchValues<char> NumberChars = SearchValues.Create("0123456789.");

    // Of two units of the same size, the first is used for output.
    private static readonly (string Unit, long Bytes)[] SizeUnits =
    [
        ("KiB", 1L << 10), ("MiB", 1L << 20), ("GiB", 1L << 30), ("Ki", 1L << 10), ("Mi", 1L << 20), ("Gi", 1L << 30),
        ("KB", 1_000), ("MB", 1_000_000), ("GB", 1_000_000_000), ("B", 1), ("", 1),
    ];

    // "ms" comes before "m" and "s": the longest match must win.
    private static readonly (string Unit, TimeSpan Duration)[] DurationUnits =
    [
        ("ms", TimeSpan.FromMilliseconds(1)), ("s", TimeSpan.FromSeconds(1)), ("m", TimeSpan.FromMinutes(1)), ("h", TimeSpan.FromHours(1)), ("d", TimeSpan.FromDays(1)),
    ];

    /// <summary>Parses <c>256KiB</c>, <c>64Mi</c>, <c>2.5 MB</c> or <c>4096</c>.</summary>
    public static bool TryParseSize(string text, out long bytes)
    {
        bytes = 0;
        foreach ((string unit, long unitBytes) in SizeUnits)
        {
            if (text.EndsWith(unit, StringComparison.Ordinal) && TryParseNumber(text.AsSpan(0, text.Length - unit.Length).TrimEnd(' '), out decimal number))
            {
                if (number > long.MaxValue / unitBytes)
                {
                    return false;
                }

                bytes = (long)(number * unitBytes);
                return true;
            }
        }

        return false;
    }

    /// <summary>Parses <c>500ms</c>, <c>1.5 h</c> or <c>1m30s</c>.</summary>
    public static bool TryParseDuration(string text, out TimeSpan duration)
    {
        duration = TimeSpan.Zero;
        ReadOnlySpan<char> rest = text;
        if (rest is "0")
        {
            return true;
        }

        while (!rest.IsEmpty)
        {
            int length = rest.IndexOfAnyExcept(NumberChars);
            if (length <= 0 || !TryParseNumber(rest[..length], out decimal number) || number > int.MaxValue)
            {
                return false;
            }

            rest = rest[length..].TrimStart(' ');
            TimeSpan unit = TimeSpan.Zero;
            foreach ((string name, TimeSpan value) in DurationUnits)
            {
                if (rest.StartsWith(name, StringComparison.Ordinal))
                {
                    unit = value;
                    rest = rest[name.Length..].TrimStart(' ');
                    break;
                }
            }

            if (unit == TimeSpan.Zero)
            {
                return false;
            }

            // No key allows a longer duration. The cap avoids an overflow, and the check of the key's range reports the problem.
            double hours = duration.TotalHours + (unit.TotalHours * (double)number);
            duration = hours > MaxHours ? TimeSpan.FromHours(MaxHours) : duration + (unit * (double)number);
        }

        return text.Length > 0;
    }

    /// <summary>Formats a size with the largest unit that divides it evenly.</summary>
    public static string FormatSize(long bytes)
    {
        (string unit, long unitBytes) = bytes == 0 ? ("B", 1) : SizeUnits.Where(size => bytes % size.Bytes == 0).MaxBy(size => size.Bytes);
        return string.Create(CultureInfo.InvariantCulture, $"{bytes / unitBytes}{unit}");
    }

    /// <summary>Formats a duration with the largest unit that divides it evenly.</summary>
    public static string FormatDuration(TimeSpan duration)
    {
        (string unit, TimeSpan value) = duration == TimeSpan.Zero
            ? ("s", TimeSpan.FromSeconds(1))
            : DurationUnits.Where(candidate => duration.Ticks % candidate.Duration.Ticks == 0).DefaultIfEmpty(DurationUnits[0]).MaxBy(candidate => candidate.Duration);
        return string.Create(CultureInfo.InvariantCulture, $"{duration / value}{unit}");
    }

    private static bool TryParseNumber(ReadOnlySpan<char> text, out decimal number) =>
        decimal.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out number);
}
