using System.Globalization;

namespace Shipper.Benchmarks.Suite;

/// <summary>A row of the results.</summary>
/// <param name="What">What was measured.</param>
/// <param name="Target">The target; empty if there is none.</param>
/// <param name="Measured">The measured value, as text.</param>
/// <param name="Value">The measured value.</param>
/// <param name="IsMet">True if the target is met; null if there is no target.</param>
internal sealed record Finding(string What, string Target, string Measured, double Value, bool? IsMet)
{
    /// <param name="what">What was measured.</param>
    /// <param name="value">The measured value.</param>
    /// <param name="limit">The largest value that meets the target.</param>
    /// <param name="format">The format of the value, including its unit.</param>
    /// <param name="more">Text to append.</param>
    public static Finding AtMost(string what, double value, double limit, string format, string more = "") =>
        new(what, $"at most {Text(limit, format)}", Text(value, format) + more, value, value <= limit);

    /// <inheritdoc cref="AtMost" />
    /// <param name="what">What was measured.</param>
    /// <param name="value">The measured value.</param>
    /// <param name="limit">The smallest value that meets the target.</param>
    /// <param name="format">The format of the value, including its unit.</param>
    /// <param name="more">Text to append.</param>
    public static Finding AtLeast(string what, double value, double limit, string format, string more = "") =>
        new(what, $"at least {Text(limit, format)}", Text(value, format) + more, value, value >= limit);

    /// <summary>A finding without a target.</summary>
    public static Finding WithoutTarget(string what, double value, string format, string more = "") => new(what, "", Text(value, format) + more, value, null);

    private static string Text(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);
}
