using Shipper.Delivery;
using Shipper.Loki;

namespace Shipper.Lanes;

/// <summary>What a lane is made of.</summary>
/// <param name="Batch">When a batch is complete.</param>
/// <param name="MaxLineBytes">The largest line of any source.</param>
/// <param name="ReadBufferBytes">Bytes of one read(2).</param>
internal sealed record LaneOptions(BatchOptions Batch, int MaxLineBytes, int ReadBufferBytes = LaneOptions.DefaultReadBufferBytes)
{
    /// <summary>Bytes of one read(2): large enough to make its cost vanish, small enough for the second-level cache.</summary>
    public const int DefaultReadBufferBytes = 256 * 1024;

    /// <summary>
    /// Bytes that a lane takes for what is read and not acknowledged, all of it allocated at its start: two batches, one of them
    /// grouped and compressed with its table, the read buffer with docker's beside it, and three lines of the largest size.
    /// </summary>
    public static long MemoryBytes(BatchOptions batch, int maxLineBytes)
    {
        const int LineBuffers = 3;
        int capacity = Batching.Batch.Capacity(batch, maxLineBytes);
        return (3L * capacity) + LaneRequests.CompressedCapacity(capacity) + SnappyEncoder.TableBytes + (2L * DefaultReadBufferBytes) + ((long)LineBuffers * maxLineBytes);
    }
}
