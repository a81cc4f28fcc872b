namespace Shipper.Benchmarks.Receiving;

/// <summary>What the receiver saw since it was reset.</summary>
/// <param name="Lines">Lines, those more than once counted each time.</param>
/// <param name="Twice">Lines received before.</param>
/// <param name="OutOfOrder">Lines received behind a later one of their stream.</param>
/// <param name="Misplaced">Lines in a stream that began with those of another file.</param>
/// <param name="Unreadable">Lines without a mark, and requests that could not be read.</param>
/// <param name="Streams">Streams.</param>
/// <param name="Requests">Pushes.</param>
/// <param name="WireBytes">Bytes of their bodies.</param>
/// <param name="BodyBytes">Bytes of their bodies, uncompressed.</param>
/// <param name="LastUs">When the last line came, in microseconds of the monotonic clock.</param>
/// <param name="Latency">From writing a line to accepting it.</param>
internal sealed record ReceiverReport(
    long Lines,
    long Twice,
    long OutOfOrder,
    long Misplaced,
    long Unreadable,
    int Streams,
    long Requests,
    long WireBytes,
    long BodyBytes,
    long LastUs,
    LatencySummary Latency)
{
    /// <summary>Lines, each counted once.</summary>
    public long Distinct => Lines - Twice;
}
