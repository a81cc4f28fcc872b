using Shipper.Batching;
using Shipper.Loki;

namespace Shipper.Delivery;

/// <summary>A request with its response.</summary>
/// <param name="Entries">The records that were sent, at least one.</param>
/// <param name="Bytes">The compressed size of the request in bytes.</param>
internal sealed record AnsweredPush(List<BatchEntry> Entries, int Bytes, PushAnswer Answer)
{
    /// <summary>The stream of the first record.</summary>
    public LogStream FirstStream => Entries[0].Run.Stream;

    /// <summary>True if the request has records of more than one stream.</summary>
    public bool HasSeveralStreams => Entries.Exists(entry => entry.Run.Stream != FirstStream);

    /// <summary>Returns the records of a stream.</summary>
    public List<BatchEntry> RecordsOf(LogStream stream) => Entries.FindAll(entry => entry.Run.Stream == stream);

    /// <summary>Returns the records of all other streams.</summary>
    /// <param name="stream">The stream to leave out; null to leave out none.</param>
    public List<BatchEntry> RecordsExcept(LogStream? stream) => Entries.FindAll(entry => entry.Run.Stream != stream);
}
