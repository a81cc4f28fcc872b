using System.Globalization;

namespace Shipper.Benchmarks.Suite;

/// <summary>A line of the results.</summary>
/// <param name="What">What was measured.</param>
/// <param name="Target">What is wanted; empty where nothing is.</param>
/// <param name="Measured">What was measured, in words.</param>
/// <param name="Value">The number of it.</param>
/// <param name="IsMet">Whether it is as wanted; null where nothing is.</param>
internal sealed record Finding(string What, string Target, string Measured, double Value, bool? IsMet)
{
    /// <param name="what">What was measured.</param>
    /// <param name="value">The number.</param>
    /// <param name="limit">The most that is wanted.</param>
    /// <param name="format">The number's format, its unit included.</param>
    /// <param name="more">What else to say.</param>
    public static Finding AtMost(string what, double value, double limit, string format, string more = "") =>
        new(what, $"at most {Text(limit, format)}", Text(value, format) + more, value, value <= limit);

    /// <inheritdoc cref="AtMost" />
    /// <param name="what">What was measured.</param>
    /// <param name="value">The number.</param>
    /// <param name="limit">The least that is wanted.</param>
    /// <param name="format">The number's format, its unit included.</param>
    /// <param name="more">What else to say.</param>
    public static Finding AtLeast(string what, double value, double limit, string format, string more = "") =>
        new(what, $"at least {Text(limit, format)}", Text(value, format) + more, value, value >= limit);

    /// <summary>Something for which nothing is wanted.</summary>
    public static Finding Told(string what, double value, string format, string more = "") => new(what, "", Text(value, format) + more, value, null);

    private static string Text(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);
}
