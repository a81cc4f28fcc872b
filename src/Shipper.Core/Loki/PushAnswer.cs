using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Shipper.Loki;

/// <summary>The response to a push.</summary>
/// <param name="Verdict">The meaning for the records.</param>
/// <param name="Status">The HTTP status, or <c>error</c> or <c>timeout</c> if there was no response.</param>
/// <param name="Message">Loki's message, or what went wrong on the way to it.</param>
/// <param name="Stream">The labels, as Loki writes them, of the one stream that the response names; null if it names none.</param>
/// <param name="RefusesNewStreams">True if a stream was refused because Loki accepts no new ones. It may then refuse others, too.</param>
/// <param name="IsTooLarge">True if a smaller request may be accepted.</param>
/// <param name="LimitBytes">Upper bound in bytes of a request, if the response names it.</param>
internal readonly partial record struct PushAnswer(
    PushVerdict Verdict, string Status, string Message = "",
    string? Stream = null, bool RefusesNewStreams = false, bool IsTooLarge = false, long? LimitBytes = null)
{
    private const string ShardLabel = "__stream_shard__=\"";

    /// <summary>The status for too many requests, or too much data in them.</summary>
    private const string TooMany = "429";

    /// <summary>The entries that the distributor refused, and the reasons; null if the response has none.</summary>
    public ValidationErrors? Errors { get; init; }

    /// <summary>The error that an ingester reports for the stream that it names; null if there is none.</summary>
    public StreamError? StreamError { get; init; }

    /// <summary>The clock of the responding server, to the second; null if unknown.</summary>
    public DateTimeOffset? Date { get; init; }

    /// <summary>What somebody can do about the failure; null if nothing has to be done, or only waiting helps.</summary>
    public string? Remedy => Verdict switch
    {
        PushVerdict.Blocked => "Loki's operator has blocked ingestion",
        PushVerdict.Misconfigured => Status switch
        {
            "401" or "403" => "Check loki.tenant and the credentials",
            "407" => "Add the user and password to the proxy's address, as in http://USER:PASSWORD@HOST:PORT, or add Loki's host to NO_PROXY",
            "404" or "405" => "Check the path of loki.url",
            "260" => "Loki's operator has blocked ingestion for this tenant",
            _ => "Check section loki of the configuration, and any proxy or gateway between the agent and Loki",
        },
        _ => null,
    };

    /// <summary>True if a single record may be the reason that a whole request was refused. The agent then finds it by sending the others without it.</summary>
    public bool MayConcernRecord => Status is "400" or "422" or "500" || Verdict == PushVerdict.TooLarge;

    /// <summary>
    /// True if the responding server accepts pushes in general, even if it refused this one. False if nothing answered, or if the server accepts no pushes at
    /// all.
    /// </summary>
    public bool AcceptsPushes => Verdict is not (PushVerdict.Unconfirmed or PushVerdict.NotStored or PushVerdict.Misconfigured) || Status is "400" or "422" or TooMany;

    /// <summary>True if the response names one shard of a stream (shard_streams). It says nothing about the other shards.</summary>
    public bool NamesShard => Stream?.Contains(ShardLabel, StringComparison.Ordinal) == true;

    /// <summary>True if a single stream may be the reason. It then waits, and the others are sent without it.</summary>
    public bool MayConcernStream => MayConcernRecord || Status == TooMany;

    /// <summary>Returns the status, Loki's message and the remedy, for display.</summary>
    public string Describe() => Remedy is { } remedy ? $"{Status} {Message}. {remedy}" : $"{Status} {Message}";

    /// <summary>
    /// True if the response names the given stream. Loki adds a label service_name to streams that have none, and a number to the parts of a fast stream, and
    /// escapes unprintable characters as Go does (strconv.Quote).
    /// </summary>
    /// <param name="selector">The labels of the agent's stream, as a selector.</param>
    public bool Names(string selector) => IsSameStream(Stream, selector);

    /// <summary>True if labels as Loki writes them are those of the given stream.</summary>
    /// <param name="named">The labels as Loki writes them; null if it names none.</param>
    /// <param name="selector">The labels of the agent's stream, as a selector.</param>
    public static bool IsSameStream(string? named, string selector) =>
        named is not null && (named == selector || GoEscape().Replace(AddedLabel().Replace(named, ""), Unescape) == selector);

    /// <summary>Converts an escape of Go into the form that the agent's selectors have.</summary>
    private static string Unescape(Match escape)
    {
        const string Letters = "abfrtv";
        const string Characters = "\a\b\f\r\t\v";
        if (escape.Groups["code"] is { Success: true } code)
        {
            return int.TryParse(code.ValueSpan, NumberStyles.HexNumber, CultureInfo.InvariantCulture, out int rune) && Rune.IsValid(rune) ? new Rune(rune).ToString() : escape.Value;
        }

        return Letters.IndexOf(escape.Value[1], StringComparison.Ordinal) is >= 0 and int index
            ? string.Create(CultureInfo.InvariantCulture, $"\\x{(int)Characters[index]:x2}")
            : escape.Value;
    }

    [GeneratedRegex("""(?:service_name|__(?:stream|time)_shard__)="(?:[^"\\]|\\.)*", |, (?:service_name|__(?:stream|time)_shard__)="(?:[^"\\]|\\.)*"(?=\})""")]
    private static partial Regex AddedLabel();

    [GeneratedRegex("""\\(?:u(?<code>[0-9a-fA-F]{4})|U(?<code>[0-9a-fA-F]{8})|.)""", RegexOptions.Singleline | RegexOptions.ExplicitCapture)]
    private static partial Regex GoEscape();
}
