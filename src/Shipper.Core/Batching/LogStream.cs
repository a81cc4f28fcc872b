using Shipper.Checkpoints;

namespace Shipper.Batching;

/// <summary>What a batch has to know of a stream, whatever it is read from.</summary>
/// <remarks>Owned by a lane; not safe for concurrent use.</remarks>
/// <param name="checkpoint">What is kept of the stream.</param>
internal abstract class LogStream(StreamCheckpoint checkpoint)
{
    public StreamCheckpoint Checkpoint { get; } = checkpoint;

    /// <summary>The clock behind the last record that was put into a batch.</summary>
    public StreamClock Clock { get; set; } = checkpoint.Clock;

    /// <summary>
    /// True where Loki refused the stream lately: it travels behind the others, for an ingester's refusal is only told of the last
    /// stream of a request.
    /// </summary>
    public bool TravelsLast { get; set; }

    /// <summary>Runs of this stream that are in a batch.</summary>
    public int UnansweredRuns { get; set; }

    /// <summary>The last run of this stream that was begun; null where it was answered.</summary>
    public Run? LastRun { get; set; }
}
