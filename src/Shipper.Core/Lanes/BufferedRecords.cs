using Shipper.Batching;

namespace Shipper.Lanes;

/// <summary>What a lane has read and not sent, or sent without an answer.</summary>
/// <remarks>Updated by its lane; reading is thread-safe.</remarks>
internal sealed class BufferedRecords
{
    private long _bytes;
    private long _oldestNs = long.MaxValue;

    /// <summary>Bytes of them.</summary>
    public long Bytes => Volatile.Read(ref _bytes);

    /// <summary>Time of the oldest, in nanoseconds since 1970; <see cref="long.MaxValue"/> without any.</summary>
    public long OldestNs => Volatile.Read(ref _oldestNs);

    /// <summary>Takes stock.</summary>
    /// <param name="filling">The batch that is being filled.</param>
    /// <param name="underWay">The batch that is under way; null if none is.</param>
    public void Update(Batch filling, Batch? underWay)
    {
        Volatile.Write(ref _oldestNs, Math.Min(filling.OldestNs, underWay?.OldestNs ?? long.MaxValue));
        Volatile.Write(ref _bytes, filling.Bytes.Length + (underWay?.Bytes.Length ?? 0));
    }
}
