using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Shipper.Loki;

/// <summary>The answer to one request.</summary>
/// <param name="Verdict">What it means for the records.</param>
/// <param name="Status">The HTTP status, or <c>error</c> or <c>timeout</c> if there was no answer.</param>
/// <param name="Message">Loki's words, or what went wrong on the way to it.</param>
/// <param name="Stream">The labels, as Loki writes them, of the one stream that it names; null if it names none.</param>
/// <param name="RefusesNewStreams">True if a stream was refused because Loki takes no new one, and so may others be.</param>
/// <param name="IsTooLarge">True if a smaller request may be taken.</param>
/// <param name="LimitBytes">The most bytes of a request, if the answer says it.</param>
internal readonly partial record struct PushAnswer(
    PushVerdict Verdict, string Status, string Message = "",
    string? Stream = null, bool RefusesNewStreams = false, bool IsTooLarge = false, long? LimitBytes = null)
{
    private const string ShardLabel = "__stream_shard__=\"";

    /// <summary>The status of an answer that says that there are too many requests, or too much in them.</summary>
    private const string TooMany = "429";

    /// <summary>Which entries the distributor refused, and why; null if it says none.</summary>
    public ValidationErrors? Errors { get; init; }

    /// <summary>What an ingester says of the stream that it names; null if it says nothing.</summary>
    public StreamError? StreamError { get; init; }

    /// <summary>The time of the one who answered, to the second; null if unknown.</summary>
    public DateTimeOffset? Date { get; init; }

    /// <summary>What somebody can do about it; null if nothing has to be done, or time will do it.</summary>
    public string? Remedy => Verdict switch
    {
        PushVerdict.Blocked => "The operator of Loki has blocked ingestion",
        PushVerdict.Misconfigured => Status switch
        {
            "401" or "403" => "Check loki.tenant and the credentials",
            "407" => "Put the user and the password into the address of the proxy, as in http://USER:PASSWORD@HOST:PORT, or Loki's host into NO_PROXY",
            "404" or "405" => "Check the path of loki.url",
            "260" => "The operator of Loki has blocked ingestion for this tenant",
            _ => "Check the section loki of the configuration, and what stands between the agent and Loki",
        },
        _ => null,
    };

    /// <summary>True if one record may be the reason that a whole request was refused, which then is found by sending the others without it.</summary>
    public bool MayBeAboutARecord => Status is "400" or "422" or "500" || Verdict == PushVerdict.TooLarge;

    /// <summary>True if pushes are taken where the answer comes from, though perhaps not this one. False if nothing answered, or something that takes no push at all.</summary>
    public bool TakesPushes => Verdict is not (PushVerdict.LeftOpen or PushVerdict.NotStored or PushVerdict.Misconfigured) || Status is "400" or "422" or TooMany;

    /// <summary>True if it names one shard of our stream (shard_streams). It says nothing of the other shards.</summary>
    public bool NamesShard => Stream?.Contains(ShardLabel, StringComparison.Ordinal) == true;

    /// <summary>True if one stream may be the reason: it waits, and the others are sent without it.</summary>
    public bool MayBeAboutAStream => MayBeAboutARecord || Status == TooMany;

    /// <summary>What Loki said and what can be done about it, for people.</summary>
    public string Describe() => Remedy is { } remedy ? $"{Status} {Message}. {remedy}" : $"{Status} {Message}";

    /// <summary>
    /// Tells whether the answer names a stream of ours. Loki adds a label service_name where it finds none, and a number to the parts of a fast stream, and
    /// writes what can't be printed as Go does (strconv.Quote).
    /// </summary>
    /// <param name="selector">The labels of our stream.</param>
    public bool Names(string selector) => AreOf(Stream, selector);

    /// <summary>Tells whether labels in Loki's words are those of a stream of ours.</summary>
    /// <param name="named">The labels as Loki writes them; null if it names none.</param>
    /// <param name="selector">The labels of our stream.</param>
    public static bool AreOf(string? named, string selector) =>
        named is not null && (named == selector || GoEscape().Replace(AddedLabel().Replace(named, ""), Unescape) == selector);

    /// <summary>What our selectors have in place of an escape of Go.</summary>
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
