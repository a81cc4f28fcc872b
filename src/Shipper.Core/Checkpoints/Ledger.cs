using Shipper.Telemetry;

namespace Shipper.Checkpoints;

/// <summary>
/// What became of the bytes of one generation or of several, in bytes of their uncompressed content. It adds up: what was written was acknowledged, or
/// dropped, or is gone, or is still to be sent.
/// </summary>
/// <remarks>Not safe for concurrent use.</remarks>
internal sealed class Ledger
{
    public long Written => Acknowledged + Dropped.Values.Sum() + Pending + Lost.Values.Sum();

    /// <summary>Loki has them.</summary>
    public long Acknowledged { get; private set; }

    /// <summary>They were read and will not be sent, by reason.</summary>
    public SortedDictionary<string, long> Dropped { get; } = new(StringComparer.Ordinal);

    /// <summary>Not read yet, or no answer came yet.</summary>
    public long Pending { get; private set; }

    /// <summary>They were gone before they could be read, by reason.</summary>
    public SortedDictionary<string, long> Lost { get; } = new(StringComparer.Ordinal);

    /// <summary>Adds one generation.</summary>
    /// <param name="generation">The generation.</param>
    /// <param name="size">Bytes of it that are known to exist.</param>
    /// <param name="read">The smaller of its two reading positions.</param>
    public void Add(GenerationCheckpoint generation, long size, long read)
    {
        long dropped = 0;
        foreach (Booking booking in generation.Bookings)
        {
            Add(booking.IsLost ? Lost : Dropped, booking.Reason, booking.Bytes);

            // Lost NULs stand among the other bytes; other lost bytes stand behind the size.
            dropped += booking.IsLost && booking.Reason != LossReasons.NulBytes ? 0 : booking.Bytes;
        }

        // Behind an open line the other output may have dropped more than there is before it. They count as dropped, and what is pending
        // or acknowledged is told exactly when the line has ended.
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
