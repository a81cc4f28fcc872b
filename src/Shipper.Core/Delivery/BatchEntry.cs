using Shipper.Batching;
using Shipper.Loki;

namespace Shipper.Delivery;

/// <summary>One record of a batch that is not filled any more.</summary>
/// <param name="Run">The run it is in.</param>
/// <param name="Start">Where it begins in the batch's bytes.</param>
/// <param name="Length">Upper bound of its bytes in a request.</param>
/// <param name="MovedNs">The time that it is sent with instead of the one that it was encoded with, because Loki refused that; null if it is the same.</param>
/// <param name="IsBare">True if its structured metadata is left out, because Loki refused it.</param>
internal readonly record struct BatchEntry(Run Run, int Start, int Length, long? MovedNs = null, bool IsBare = false)
{
    /// <summary>The record with another time.</summary>
    public BatchEntry Moved(long timestampNs) =>
        this with { MovedNs = timestampNs, Length = Length + (MovedNs is null ? PushRequestWriter.MaxMovedBytes : 0) };
}
