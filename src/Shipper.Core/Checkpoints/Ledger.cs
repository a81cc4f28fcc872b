using Shipper.Telemetry;

namespace Shipper.Checkpoints;

/// <summary>
/// Account of the bytes of one or more generations. Every byte of uncompressed content is acknowledged, dropped, lost or pending, so the columns add up.
/// </summary>
/// <remarks>Not thread-safe.</remarks>
internal sealed class Ledger
{
    public long Written => Acknowledged + Dropped.Values.Sum() + Pending + Lost.Values.Sum();

    /// <summary>Bytes that Loki has acknowledged.</summary>
    public long Acknowledged { get; private set; }

    /// <summary>Bytes that were read and will not be sent, by reason.</summary>
    public SortedDictionary<string, long> Dropped { get; } = new(StringComparer.Ordinal);

    /// <summary>Bytes that have not been read, or not been acknowledged.</summary>
    public long Pending { get; private set; }

    /// <summary>Bytes that were gone before they could be read, by reason.</summary>
    public SortedDictionary<string, long> Lost { get; } = new(StringComparer.Ordinal);

    /// <summary>Adds one generation.</summary>
    /// <param name="size">Number of its bytes that are known to exist.</param>
    /// <param name="read">The smaller of its two read positions.</param>
    public void Add(GenerationCheckpoint generation, long size, long read)
    {
        long dropped = 0;
        foreach (LedgerEntry ledgerEntry in generation.LedgerEntries)
        {
            Add(ledgerEntry.IsLost ? Lost : Dropped, ledgerEntry.Reason, ledgerEntry.Bytes);

            // Lost NULs are among the other bytes; all other lost bytes are beyond the size.
            dropped += ledgerEntry.IsLost && ledgerEntry.Reason != LossReasons.NulBytes ? 0 : ledgerEntry.Bytes;
        }

        // After a partial line, more lines of the other output may have been dropped than there are bytes before the partial line. These bytes count as
        // dropped; pending and acknowledged bytes are exact again once the line has ended.
        long acknowledged = Math.Max(0, generation.Acknowledged.Min - dropped);
        Acknowledged += acknowledged;
        Pending += Math.Max(0, Math.Max(size, read) - acknowledged - dropped);
    }

    public void Add(Ledger other)
    {
        Acknowledged += other.Acknowledged;
        Pending += other.Pending;
        foreach ((string reason, long bytes) in other.Dropped)
        {
            Add(Dropped, reason, bytes);
        }

        foreach ((string reason, long bytes) in other.Lost)
        {
            Add(Lost, reason, bytes);
        }
    }

    private static void Add(SortedDictionary<string, long> column, string reason, long bytes) => column[reason] = column.GetValueOrDefault(reason) + bytes;
}
