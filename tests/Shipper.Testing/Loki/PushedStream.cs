using Shipper.Protocol;

namespace Shipper.Testing.Loki;

/// <summary>A stream of a push, without what the distributor refused.</summary>
/// <param name="Labels">Its labels, normalised.</param>
/// <param name="Entries">Its entries, as they were sent and as they are stored.</param>
internal sealed record PushedStream(List<KeyValuePair<string, string>> Labels, List<(EntryAdapter Sent, StoredEntry Stored)> Entries)
{
    /// <summary>What counts in rates.</summary>
    public long Bytes => Entries.Sum(entry => EntryMetadata.CountBytes(entry.Sent));
}
