using Shipper.Protocol;

namespace Shipper.Testing.Loki;

/// <summary>A stream of a push, without the entries that the distributor refused.</summary>
/// <param name="Labels">The normalized labels.</param>
/// <param name="Entries">The entries, as sent and as stored.</param>
internal sealed record PushedStream(List<KeyValuePair<string, string>> Labels, List<(EntryAdapter Sent, StoredEntry Stored)> Entries)
{
    /// <summary>Number of bytes that count towards rates.</summary>
    public long Bytes => Entries.Sum(entry => EntryMetadata.CountBytes(entry.Sent));
}
