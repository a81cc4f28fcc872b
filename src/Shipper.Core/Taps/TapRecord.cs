namespace Shipper.Taps;

/// <summary>A record that a tap shows. Nothing in it has what the redaction of its stream removes.</summary>
/// <param name="TimestampNs">The record's own time, in nanoseconds since 1970.</param>
/// <param name="Labels">The labels of its stream.</param>
/// <param name="Metadata">Its structured metadata.</param>
/// <param name="Line">Its line, cut to <see cref="Tap.MaxLineBytes"/>.</param>
/// <param name="LineBytes">Length of the whole line in bytes.</param>
/// <param name="Rule">The rule that decided about it; null if none did.</param>
/// <param name="Limit">The limit that applies to it; null if none does.</param>
/// <param name="Reason">Why it was left out; null if it was not.</param>
/// <param name="Changes">What each stage changed, in their order.</param>
internal sealed record TapRecord(
    long TimestampNs, TapStage Stage, IReadOnlyDictionary<string, string> Labels, IReadOnlyList<KeyValuePair<string, string>> Metadata, string Line, long LineBytes,
    string? Rule, string? Limit, string? Reason, IReadOnlyList<TapChange> Changes);
