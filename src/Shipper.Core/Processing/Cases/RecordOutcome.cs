using Shipper.Processing.Levels;

namespace Shipper.Processing.Cases;

/// <summary>What became of a record of a <see cref="RecordTest"/>.</summary>
/// <param name="Line">The text that is sent, or that was dropped.</param>
/// <param name="Level">Its level.</param>
/// <param name="Metadata">Its structured metadata, in the order in which it is sent.</param>
/// <param name="DropReason">Why it was dropped; null if it is sent.</param>
internal sealed record RecordOutcome(string Line, RecordLevel Level, IReadOnlyList<KeyValuePair<string, string>> Metadata, string? DropReason);
