using Shipper.Batching;
using Shipper.Loki;

namespace Shipper.Delivery;

/// <summary>One record of a batch that is ready to be sent.</summary>
/// <param name="Start">Where the record begins in the batch's bytes.</param>
/// <param name="Length">Upper bound of its bytes in a request.</param>
/// <param name="MovedNs">The time to send it with instead of the encoded one, which Loki refused; null to send the encoded one.</param>
/// <param name="OmitsMetadata">True if the record is sent without its structured metadata, which Loki refused.</param>
internal readonly record struct BatchEntry(Run Run, int Start, int Length, long? MovedNs = null, bool OmitsMetadata = false)
{
    /// <summary>Returns the record with another time.</summary>
    public BatchEntry WithTime(long timestampNs) =>
        this with { MovedNs = timestampNs, Length = Length + (MovedNs is null ? PushRequestWriter.MaxMovedBytes : 0) };
}
