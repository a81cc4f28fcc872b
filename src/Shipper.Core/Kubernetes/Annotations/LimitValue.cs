using System.Globalization;

namespace Shipper.Kubernetes.Annotations;

/// <summary>Parses <c>500KiB</c> (bytes of text per second) or <c>1000 lines</c> (records per second).</summary>
internal static class LimitValue
{
    private static readonly (string Unit, long Bytes)[] SizeUnits =
    [
        ("KiB", 1L << 10), ("MiB", 1L << 20), ("GiB", 1L << 30), ("Ki", 1L << 10), ("Mi", 1L << 20), ("Gi", 1L << 30),
        ("KB", 1_000), ("MB", 1_000_000), ("GB", 1_000_000_000), ("B", 1),
    ];

    public static OutputWishes? Parse(string value, string rule, out string problem)
    {
        problem = "must be a size such as 500KiB, or a number of lines such as 1000 lines; both are per second and at least 1";
        WishedLimit? limit = ParseNumber(value, "lines", 1) is { } lines ? new WishedLimit(0, lines)
            : ParseNumber(value, "line", 1) is { } line ? new WishedLimit(0, line)
            : ParseSize(value) is { } bytes ? new WishedLimit(bytes, 0)
            : null;
        return limit is null ? null : new OutputWishes { Limit = limit };
    }

    private static long? ParseSize(string value)
    {
        foreach ((string unit, long bytes) in SizeUnits)
        {
            if (ParseNumber(value, unit, bytes) is { } size)
            {
                return size;
            }
        }

        return null;
    }

    /// <summary>Parses a number in front of a unit.</summary>
    /// <returns>Null if the unit differs, or the number is not valid or less than 1.</returns>
    private static long? ParseNumber(string value, string unit, long factor)
    {
        if (!value.EndsWith(unit, StringComparison.Ordinal))
        {
            return null;
        }

        ReadOnlySpan<char> digits = value.AsSpan(0, value.Length - unit.Length).TrimEnd(' ');
        if (!decimal.TryParse(digits, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out decimal number) || number > long.MaxValue / factor)
        {
            return null;
        }

        var result = (long)(number * factor);
        return result > 0 ? result : null;
    }
}
