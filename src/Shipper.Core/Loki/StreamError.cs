using System.Globalization;
using System.Text.RegularExpressions;

namespace Shipper.Loki;

/// <summary>
/// The error that an ingester reports for entries of one stream that it refused:
/// <code>
/// body = *("entry with timestamp " time " ignored, reason: '" reason "',\n")
///        "user '" user "', total ignored: " number " out of " number " for stream: " labels
/// </code>
/// The text lists the first ten entries, with all digits of their times. Source: grafana/loki, pkg/ingester/stream.go (errorForFailedEntries).
/// </summary>
/// <param name="Labels">The labels of the stream; null if they can't be read.</param>
/// <param name="Ignored">Number of refused entries.</param>
/// <param name="Total">Number of entries of the stream in the request.</param>
/// <param name="OldestAcceptableNs">The oldest acceptable time, rounded down to the second; null if the text has none.</param>
/// <param name="IsOutOfOrder">True if an entry may not be older than the one before it (unordered_writes: false).</param>
internal sealed partial record StreamError(string? Labels, int Ignored, int Total, long? OldestAcceptableNs, bool IsOutOfOrder)
{
    /// <summary>Maximum number of characters to read from the end of the body, which contains everything that matters.</summary>
    private const int MaxTailChars = 64 * 1024;

    /// <summary>Reads the body of a 400 or 429.</summary>
    /// <returns>Null if the body is something else.</returns>
    public static StreamError? TryRead(ReadOnlySpan<char> body)
    {
        string tail = body[Math.Max(0, body.Length - MaxTailChars)..].ToString();
        Match total = TotalIgnored().Match(tail);
        if (!total.Success)
        {
            return null;
        }

        long? oldest = null;
        foreach (Match reason in OldestAcceptable().Matches(tail[..total.Index]))
        {
            if (ErrorText.TryParseTime(reason.Groups[1].ValueSpan, out long timeNs))
            {
                oldest = Math.Max(oldest ?? 0, timeNs);
            }
        }

        Group labels = total.Groups[3];
        return new StreamError(
            labels.Success ? labels.Value : null, Parse(total.Groups[1]), Parse(total.Groups[2]), oldest, OutOfOrder().IsMatch(tail[..total.Index]));
    }

    private static int Parse(Group number) => int.Parse(number.ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture);

    [GeneratedRegex("""total ignored: ([0-9]{1,9}) out of ([0-9]{1,9}) for stream: (\{(?>[^"{}\\]+|"(?>[^"\\]+|\\.)*")*\})?[^\n]*$""", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex TotalIgnored();

    [GeneratedRegex("reason: 'entry too far behind,[^\n]{0,80} oldest acceptable timestamp is: ([^',\n]+)'", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex OldestAcceptable();

    [GeneratedRegex("reason: 'entry out of order'", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex OutOfOrder();
}
