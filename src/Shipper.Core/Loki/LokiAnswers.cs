using System.Globalization;
using System.Text.RegularExpressions;

namespace Shipper.Loki;

/// <summary>
/// Tells Loki's answers apart by status and words, as Loki 3.7 gives them. Its 400 alone means four different things. Source:
/// grafana/loki, pkg/distributor and pkg/ingester; each answer was recorded from a running Loki.
/// </summary>
internal static partial class LokiAnswers
{
    private const string StreamLimit = "to create stream ";

    private const string TooNew = "has timestamp too new";

    private const string UnreadableLabels = "couldn't parse labels";

    // Of gRPC between Loki's own parts, 4 MiB by default.
    private const string LargerThanMax = "received message larger than max";

    // Blocked ingestion, by default: a 2xx without storing.
    private const int Blocked = 260;

    private static readonly string[] ValidationErrors =
    [
        "max entry size", "has timestamp too old", TooNew, "label names; limit", "has duplicate label name",
        "label name too long", "label value too long", "includes structured metadata, but", "has structured metadata too large",
        "has too many structured metadata labels", "at least one label pair is required per stream",
    ];

    private static readonly string[] WholeRequestErrors = ["ingestion rate limit exceeded", "ingestion blocked"];

    /// <summary>Reads an answer.</summary>
    /// <param name="status">The HTTP status.</param>
    /// <param name="body">Its body, without the newline at the end.</param>
    public static PushAnswer Read(int status, string body)
    {
        string text = status.ToString(CultureInfo.InvariantCulture);
        return status switch
        {
            204 => new PushAnswer(PushVerdict.Stored, text),

            // A gateway may make one of it; with a body it is somebody else who answers, such as a login page.
            200 when body.Length == 0 => new PushAnswer(PushVerdict.Stored, text),
            Blocked => new PushAnswer(PushVerdict.Misconfigured, text, body),
            400 => ReadBadRequest(text, body),
            408 => new PushAnswer(PushVerdict.LeftOpen, text, body),
            413 => new PushAnswer(PushVerdict.TooLarge, text, body, IsTooLarge: true, LimitBytes: ReadLimit(body)),

            // The distributor's refuse the whole request; an ingester's only the stream that it names.
            429 => ReadTooMany(text, body),

            // Loki has no ingester yet, or no longer: nothing was stored.
            500 when body == "empty ring" => new PushAnswer(PushVerdict.NotStored, text, body),
            500 => new PushAnswer(PushVerdict.LeftOpen, text, body, IsTooLarge: body.Contains(LargerThanMax, StringComparison.Ordinal), LimitBytes: ReadLimit(body)),
            > 500 => new PushAnswer(PushVerdict.LeftOpen, text, body),
            _ => new PushAnswer(PushVerdict.Misconfigured, text, body),
        };
    }

    private static PushAnswer ReadTooMany(string status, string body)
    {
        if (WholeRequestErrors.Any(error => body.Contains(error, StringComparison.Ordinal)))
        {
            // What is above the burst never passes, and which of both it was is not said.
            return new PushAnswer(PushVerdict.NotStored, status, body, IsTooLarge: true);
        }

        return NamedStream().Match(body) is { Success: true } stream
            ? new PushAnswer(
                PushVerdict.StreamRefused, status, body, Stream: stream.Groups[1].Value, RefusesNewStreams: body.Contains(StreamLimit, StringComparison.Ordinal))
            : new PushAnswer(PushVerdict.LeftOpen, status, body);
    }

    private static PushAnswer ReadBadRequest(string status, string body)
    {
        if (body.StartsWith(UnreadableLabels, StringComparison.Ordinal))
        {
            return new PushAnswer(PushVerdict.UnreadableLabels, status, body);
        }

        // Of an ingester, for one stream; all its other entries are stored.
        Match ignored = TotalIgnored().Match(body);
        if (ignored.Success)
        {
            return new PushAnswer(PushVerdict.StreamDropped, status, body, ParseCount(ignored), Stream: ignored.Groups[2].Value);
        }

        // Of the distributor: "N errors like: …; N errors like: …", or a single error. All valid entries are stored.
        if (ValidationErrors.Any(error => body.Contains(error, StringComparison.Ordinal)))
        {
            // No batch has so many; but words of a label may be counted too.
            long refused = ErrorsLike().Matches(body).Sum(match => (long)ParseCount(match));
            return new PushAnswer(PushVerdict.Refused, status, body, (int)Math.Clamp(refused, 1, int.MaxValue), IsTooNew: body.Contains(TooNew, StringComparison.Ordinal));
        }

        // A wrong tenant, something between us and Loki that changed the request, or a request that we should not have made.
        return new PushAnswer(PushVerdict.Misconfigured, status, body);
    }

    private static long? ReadLimit(string body) =>
        Limit().Match(body) is { Success: true } limit && long.TryParse(limit.Groups[1].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture, out long bytes) ? bytes : null;

    private static int ParseCount(Match match) =>
        int.TryParse(match.Groups[1].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture, out int count) ? count : 1;

    [GeneratedRegex("""total ignored: ([0-9]{1,9}) out of [0-9]{1,9} for stream: (\{(?>[^"{}\\]+|"(?>[^"\\]+|\\.)*")*\})?""")]
    private static partial Regex TotalIgnored();

    // Neither brace nor backslash outside of quotes: else each of many beginnings would be followed to the end of a text that has none.
    [GeneratedRegex("""(?:for stream '|to create stream )(\{(?>[^"{}\\]+|"(?>[^"\\]+|\\.)*")*\})""")]
    private static partial Regex NamedStream();

    [GeneratedRegex(@"\([0-9]{1,18} vs\.? ([0-9]{1,18})\)")]
    private static partial Regex Limit();

    [GeneratedRegex(@"(?:^|; )([0-9]{1,9}) errors like: ")]
    private static partial Regex ErrorsLike();
}
