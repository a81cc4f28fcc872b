namespace Shipper.Benchmarks.Receiving;

/// <summary>What the receiver counted since it was reset.</summary>
/// <param name="Records">Number of entries of pushes in Loki's protobuf format. An entry may have several lines.</param>
/// <param name="Droppable">Number of lines that a rule may drop, without duplicates.</param>
/// <param name="Lines">Number of all other lines, including duplicates of all lines.</param>
/// <param name="Twice">Number of lines that had been received before.</param>
/// <param name="OutOfOrder">Number of lines received after a later line of their stream.</param>
/// <param name="Misplaced">Number of lines in a stream that began with lines of another file.</param>
/// <param name="Unreadable">Number of lines without a mark and of requests that could not be read.</param>
/// <param name="Streams">Number of streams.</param>
/// <param name="Requests">Number of pushes.</param>
/// <param name="WireBytes">Bytes of all bodies, as sent.</param>
/// <param name="BodyBytes">Bytes of all bodies, uncompressed.</param>
/// <param name="LastUs">When the last line arrived, in microseconds of the monotonic clock.</param>
/// <param name="Latency">Time from writing a line to accepting it.</param>
internal sealed record ReceiverReport(
    long Records,
    long Droppable,
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
    /// <summary>Number of lines, without duplicates.</summary>
    public long Distinct => Lines - Twice;
}
