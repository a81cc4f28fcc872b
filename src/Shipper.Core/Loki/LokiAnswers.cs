using System.Globalization;
using System.Text.RegularExpressions;

namespace Shipper.Loki;

/// <summary>
/// Determines the meaning of Loki's responses by status and text, for all releases from 2.9 on. Capital letters, numbers and advice differ between releases,
/// but the beginnings of the texts don't. An unknown text is not guessed at. Source: grafana/loki, pkg/distributor, pkg/ingester, pkg/validation and
/// pkg/loghttp/push.
/// </summary>
internal static partial class LokiAnswers
{
    private const StringComparison Ignoring = StringComparison.OrdinalIgnoreCase;

    // Prefix of the response of a distributor that is called over gRPC.
    private const string GrpcPrefix = "rpc error: ";

    private const string Blocked = "ingestion blocked for user";

    // For a new stream that is refused: by an ingester, or by the limits service of Loki 3.6.
    private static readonly string[] StreamLimits = ["maximum active stream limit exceeded", "request exceeded limits"];

    // The first is from gRPC between Loki's components, and from the distributor up to 3.5; the second from the distributor since 3.6.
    private static readonly string[] TooLarge = ["received message larger than max", "message size too large than max"];

    /// <summary>Default status of blocked ingestion: a 2xx that stores nothing.</summary>
    private const int BlockedStatus = 260;

    /// <summary>Determines the meaning of a response.</summary>
    /// <param name="body">The body, without the newline at the end.</param>
    /// <param name="isCut">True if this is only the beginning of the body.</param>
    public static PushAnswer Read(int status, ReadOnlySpan<char> body, bool isCut = false)
    {
        string text = status.ToString(CultureInfo.InvariantCulture);
        string message = AnswerMessage.Create(text, body);
        ReadOnlySpan<char> words = WithoutPrefix(body);
        return status switch
        {
            204 => new PushAnswer(PushVerdict.Stored, text, "No Content"),

            // A gateway may turn a 204 into a 200. A 200 with a body comes from something else, such as a login page.
            200 when body.Length == 0 => new PushAnswer(PushVerdict.Stored, text, "OK"),

            // The operator chooses the status. Streams of another policy are stored.
            _ when words.StartsWith(Blocked, Ignoring) => new PushAnswer(PushVerdict.Blocked, text, message),
            BlockedStatus => new PushAnswer(PushVerdict.Misconfigured, text, message),
            400 => ReadBadRequest(text, message, words, isCut),
            408 => new PushAnswer(PushVerdict.Unconfirmed, text, message),
            413 => new PushAnswer(PushVerdict.TooLarge, text, message, IsTooLarge: true, LimitBytes: ReadLimit(body)),

            // A 429 from the distributor refuses the whole request. A 429 from an ingester refuses only the stream that it names.
            429 => ReadTooMany(text, message, words),

            // Loki has no ingester yet, or no longer has one: nothing was stored.
            500 when words.Equals("empty ring", Ignoring) => new PushAnswer(PushVerdict.NotStored, text, message),
            500 => new PushAnswer(PushVerdict.Unconfirmed, text, message, IsTooLarge: IsTooLarge(body), LimitBytes: ReadLimit(body)),
            > 500 => new PushAnswer(PushVerdict.Unconfirmed, text, message),
            _ => new PushAnswer(PushVerdict.Misconfigured, text, message),
        };
    }

    private static PushAnswer ReadTooMany(string status, string message, ReadOnlySpan<char> words)
    {
        if (words.StartsWith("ingestion rate limit exceeded", Ignoring))
        {
            // A request above the burst never passes. The response does not say whether the burst or the rate was exceeded.
            return new PushAnswer(PushVerdict.NotStored, status, message, IsTooLarge: true);
        }

        foreach (string limit in StreamLimits)
        {
            if (words.StartsWith(limit, Ignoring))
            {
                // Before 3.1 the text does not name the stream.
                return new PushAnswer(PushVerdict.StreamRefused, status, message, Stream: ReadStream(words), RefusesNewStreams: true);
            }
        }

        if (StreamError.TryRead(words) is { Labels: not null } error)
        {
            return new PushAnswer(PushVerdict.StreamRefused, status, message, Stream: error.Labels) { StreamError = error };
        }

        // Unknown, perhaps from a gateway: anything may be stored, and a smaller request may pass.
        return ReadStream(words) is { } stream && words.Contains("rate limit exceeded", Ignoring)
            ? new PushAnswer(PushVerdict.StreamRefused, status, message, Stream: stream)
            : new PushAnswer(PushVerdict.Unconfirmed, status, message, IsTooLarge: true);
    }

    private static PushAnswer ReadBadRequest(string status, string message, ReadOnlySpan<char> words, bool isCut)
    {
        if (words.StartsWith("couldn't parse labels", Ignoring))
        {
            return new PushAnswer(PushVerdict.UnreadableLabels, status, message);
        }

        // From the distributor. All valid entries are stored.
        if (ValidationErrors.TryRead(words, isCut) is { } errors)
        {
            return new PushAnswer(PushVerdict.EntriesRefused, status, message) { Errors = errors };
        }

        // From an ingester, for one stream; all other entries of this stream are stored.
        if (StreamError.TryRead(words) is { } error)
        {
            return new PushAnswer(PushVerdict.StreamEntriesRefused, status, message, Stream: error.Labels) { StreamError = error };
        }

        if (IsTooLarge(words))
        {
            return new PushAnswer(PushVerdict.TooLarge, status, message, IsTooLarge: true, LimitBytes: ReadLimit(words));
        }

        // A wrong tenant, something between the agent and Loki that changed the request, or a request that the agent should not have made.
        return new PushAnswer(PushVerdict.Misconfigured, status, message);
    }

    /// <summary>Removes the prefix <c>rpc error: code = Code(429) desc = </c>.</summary>
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

    /// <summary>Returns the first labels in a text; null if there are none.</summary>
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
