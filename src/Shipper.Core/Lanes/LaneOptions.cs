using Shipper.Delivery;
using Shipper.Loki;

namespace Shipper.Lanes;

/// <summary>The sizes of a lane's buffers.</summary>
/// <param name="Batch">When a batch is complete.</param>
/// <param name="MaxLineBytes">The largest line of any source.</param>
/// <param name="ReadBufferBytes">Bytes of one read(2).</param>
internal sealed record LaneOptions(BatchOptions Batch, int MaxLineBytes, int ReadBufferBytes = LaneOptions.DefaultReadBufferBytes)
{
    /// <summary>Bytes of one read(2): large enough to make the cost of a call negligible, small enough for the second-level cache.</summary>
    public const int DefaultReadBufferBytes = 256 * 1024;

    /// <summary>
    /// Computes the memory in bytes that a lane needs for unacknowledged data. All of it is allocated at the start: two batches, a grouped copy and a
    /// compressed copy of one batch, the compressor's table, the read buffer and one of the same size for docker, and ten lines of the largest size: a partial
    /// line and a group of each output and a group that has ended, two lines that stages have changed, and the same again for a regex and as text to send.
    /// </summary>
    public static long MemoryBytes(BatchOptions batch, int maxLineBytes)
    {
        const int LineBuffers = 10;
        int capacity = Batching.Batch.Capacity(batch, maxLineBytes);
        return (3L * capacity) + RequestBuffers.CompressedCapacity(capacity) + SnappyEncoder.TableBytes + (2L * DefaultReadBufferBytes) + ((long)LineBuffers * maxLineBytes);
    }
}
