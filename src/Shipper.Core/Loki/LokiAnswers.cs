using System.Globalization;
using System.Text.RegularExpressions;

namespace Shipper.Loki;

/// <summary>
/// Tells Loki's answers apart by status and words, for all releases from 2.9 on: capital letters, numbers and remedies change, the beginnings of the
/// texts don't. A text that is unknown here is not guessed at. Source: grafana/loki, pkg/distributor, pkg/ingester, pkg/validation and pkg/loghttp/push.
/// </summary>
internal static partial class LokiAnswers
{
    private const StringComparison Ignoring = StringComparison.OrdinalIgnoreCase;

    // Before the answer of a distributor that is asked over gRPC.
    private const string GrpcPrefix = "rpc error: ";

    private const string Blocked = "ingestion blocked for user";

    // Of a new stream that is refused: by an ingester, or by the limits service of Loki 3.6.
    private static readonly string[] StreamLimits = ["maximum active stream limit exceeded", "request exceeded limits"];

    // Of gRPC between Loki's own parts, and of the distributor up to 3.5; of the distributor from 3.6 on.
    private static readonly string[] TooLarge = ["received message larger than max", "message size too large than max"];

    /// <summary>By default the status of blocked ingestion: a 2xx that stores nothing.</summary>
    private const int BlockedStatus = 260;

    /// <summary>Reads an answer.</summary>
    /// <param name="status">The HTTP status.</param>
    /// <param name="body">Its body, without the newline at the end.</param>
    /// <param name="isCut">True if the body goes on behind that.</param>
    public static PushAnswer Read(int status, ReadOnlySpan<char> body, bool isCut = false)
    {
        string text = status.ToString(CultureInfo.InvariantCulture);
        string message = AnswerMessage.Of(text, body);
        ReadOnlySpan<char> words = WithoutPrefix(body);
        return status switch
        {
            204 => new PushAnswer(PushVerdict.Stored, text),

            // A gateway may make one of it; with a body it is somebody else who answers, such as a login page.
            200 when body.Length == 0 => new PushAnswer(PushVerdict.Stored, text),

            // Whatever status the operator chose: streams of another policy are stored.
            _ when words.StartsWith(Blocked, Ignoring) => new PushAnswer(PushVerdict.Blocked, text, message),
            BlockedStatus => new PushAnswer(PushVerdict.Misconfigured, text, message),
            400 => ReadBadRequest(text, message, words, isCut),
            408 => new PushAnswer(PushVerdict.LeftOpen, text, message),
            413 => new PushAnswer(PushVerdict.TooLarge, text, message, IsTooLarge: true, LimitBytes: ReadLimit(body)),

            // The distributor's refuse the whole request; an ingester's only the stream that it names.
            429 => ReadTooMany(text, message, words),

            // Loki has no ingester yet, or no longer: nothing was stored.
            500 when words.Equals("empty ring", Ignoring) => new PushAnswer(PushVerdict.NotStored, text, message),
            500 => new PushAnswer(PushVerdict.LeftOpen, text, message, IsTooLarge: IsTooLarge(body), LimitBytes: ReadLimit(body)),
            > 500 => new PushAnswer(PushVerdict.LeftOpen, text, message),
            _ => new PushAnswer(PushVerdict.Misconfigured, text, message),
        };
    }

    private static PushAnswer ReadTooMany(string status, string message, ReadOnlySpan<char> words)
    {
        if (words.StartsWith("ingestion rate limit exceeded", Ignoring))
        {
            // A request above the burst never passes. The answer does not say whether it was the burst or the rate.
            return new PushAnswer(PushVerdict.NotStored, status, message, IsTooLarge: true);
        }

        foreach (string limit in StreamLimits)
        {
            if (words.StartsWith(limit, Ignoring))
            {
                // Before 3.1 it does not say which.
                return new PushAnswer(PushVerdict.StreamRefused, status, message, Stream: ReadStream(words), RefusesNewStreams: true);
            }
        }

        if (StreamError.TryRead(words) is { Labels: not null } error)
        {
            return new PushAnswer(PushVerdict.StreamRefused, status, message, Stream: error.Labels) { StreamError = error };
        }

        // Unknown, perhaps of a gateway: anything may be stored, and a smaller request may pass.
        return ReadStream(words) is { } stream && words.Contains("rate limit exceeded", Ignoring)
            ? new PushAnswer(PushVerdict.StreamRefused, status, message, Stream: stream)
            : new PushAnswer(PushVerdict.LeftOpen, status, message, IsTooLarge: true);
    }

    private static PushAnswer ReadBadRequest(string status, string message, ReadOnlySpan<char> words, bool isCut)
    {
        if (words.StartsWith("couldn't parse labels", Ignoring))
        {
            return new PushAnswer(PushVerdict.UnreadableLabels, status, message);
        }

        // Of the distributor. All valid entries are stored.
        if (ValidationErrors.TryRead(words, isCut) is { } errors)
        {
            return new PushAnswer(PushVerdict.Refused, status, message) { Errors = errors };
        }

        // Of an ingester, for one stream; all its other entries are stored.
        if (StreamError.TryRead(words) is { } error)
        {
            return new PushAnswer(PushVerdict.StreamDropped, status, message, Stream: error.Labels) { StreamError = error };
        }

        if (IsTooLarge(words))
        {
            return new PushAnswer(PushVerdict.TooLarge, status, message, IsTooLarge: true, LimitBytes: ReadLimit(words));
        }

        // A wrong tenant, something between us and Loki that changed the request, or a request that we should not have made.
        return new PushAnswer(PushVerdict.Misconfigured, status, message);
    }

    /// <summary>Without <c>rpc error: code = Code(429) desc = </c>.</summary>
    private static ReadOnlySpan<char> WithoutPrefix(ReadOnlySpan<char> body)
    {
        const string Description = "desc = ";
        if (!body.StartsWith(GrpcPrefix, Ignoring))
        {
            return body;
        }

        int found = body.IndexOf(Description, StringComparison.Ordinal);
        return found < 0 ? body : body[(found + Description.Length)..];
    }

    private static bool IsTooLarge(ReadOnlySpan<char> body)
    {
        foreach (string words in TooLarge)
        {
            if (body.Contains(words, Ignoring))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>The first labels in a text.</summary>
    private static string? ReadStream(ReadOnlySpan<char> words)
    {
        int start = words.IndexOf('{');
        int length = start < 0 ? 0 : ErrorText.LabelsLength(words[start..]);
        return length == 0 ? null : words.Slice(start, length).ToString();
    }

    private static long? ReadLimit(ReadOnlySpan<char> body)
    {
        foreach (ValueMatch limit in Limit().EnumerateMatches(body))
        {
            ReadOnlySpan<char> text = body.Slice(limit.Index, limit.Length);
            int end = text.LastIndexOfAnyInRange('0', '9') + 1;
            int start = text[..end].LastIndexOfAnyExceptInRange('0', '9') + 1;
            return long.Parse(text[start..end], NumberStyles.None, CultureInfo.InvariantCulture);
        }

        return null;
    }

    [GeneratedRegex(@"\([0-9]{1,18} vs\.? [0-9]{1,18}\)|[0-9] bytes, limit: [0-9]{1,18} bytes|size [0-9]{1,18} exceeds limit [0-9]{1,18}", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Limit();
}
