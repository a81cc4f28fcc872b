using Shipper.Lanes;

namespace Shipper.Tailing.Streams;

/// <summary>Remembers streams whose files have all gone, so that <c>explain</c> can say what became of them.</summary>
/// <remarks>Owned by a lane; not thread-safe.</remarks>
internal sealed class GoneStreams(TimeProvider time)
{
    /// <summary>Maximum number of streams to remember. A node runs 110 pods at a time.</summary>
    private const int MaxStreams = 500;

    private readonly Queue<GoneStream> _streams = new();

    /// <summary>The streams, in the order in which they went.</summary>
    public IReadOnlyCollection<GoneStream> All => _streams;

    /// <summary>Remembers a stream. Call when nothing of it is left to read or to acknowledge.</summary>
    public void Add(TailedStream stream)
    {
        if (_streams.Count == MaxStreams)
        {
            _streams.Dequeue();
        }

        _streams.Enqueue(new GoneStream(
            stream.Checkpoint.Key, stream.Selector, time.GetUtcNow(), stream.Activity.LastAcknowledged, stream.Activity.Records, [.. stream.Activity.Dropped], stream.Activity.LostBytes,
            stream.Activity.LastRefusal));
    }
}
