using Shipper.Checkpoints;
using Shipper.Records;

namespace Shipper.Batching;

/// <summary>What a batch has to know of a stream, whatever it is read from.</summary>
/// <remarks>Owned by a lane; not safe for concurrent use.</remarks>
/// <param name="checkpoint">What is kept of the stream.</param>
internal abstract class LogStream(StreamCheckpoint checkpoint)
{
    public StreamCheckpoint Checkpoint { get; } = checkpoint;

    /// <summary>The source that its records count for: label <c>source</c> of the metrics.</summary>
    public abstract string SourceName { get; }

    /// <summary>How it may be sent, after what Loki said of it.</summary>
    public StreamPolicy Policy { get; } = new();

    /// <summary>The clock behind the last record that was put into a batch.</summary>
    public StreamClock Clock { get; set; } = checkpoint.Clock;

    /// <summary>The time that the last of its records was moved to, in nanoseconds since 1970; <see cref="StreamClock.None"/> if none was.</summary>
    public long LastMovedNs { get; set; } = StreamClock.None;

    /// <summary>How far a record may be behind the stream's newest, in nanoseconds: Loki refused one that was further behind, or would.</summary>
    public long MaxBehindNs { get; set; } = StreamClock.MaxBehindNs;

    /// <summary>
    /// Loki refused records before this time, because it has newer ones of the stream than this agent sent; in nanoseconds since 1970, <see cref="StreamClock.None"/> if
    /// it refused none.
    /// </summary>
    public long FloorNs { get; set; } = StreamClock.None;

    /// <summary>
    /// The earliest time that Loki takes of the stream, because it has newer records; in nanoseconds since 1970, <see cref="long.MinValue"/> if none is known. An ingester names
    /// only one refused stream of a request, so an earlier time is not even tried.
    /// </summary>
    public long EarliestNs => Math.Max(FloorNs, LastMovedNs == StreamClock.None ? long.MinValue : LastMovedNs - MaxBehindNs);

    /// <summary>
    /// True if what is read of it was written lately. If Loki finds such a record too old, the clock was wrong.
    /// </summary>
    public bool IsFresh { get; set; }

    /// <summary>
    /// How likely Loki refuses the stream: 2 where it did lately, 1 where it never took it in this life, or not for long, else 0. The likelier
    /// it is, the later it travels, for an ingester's refusal is only told of the last stream of a request.
    /// </summary>
    /// <param name="now">The present, as <see cref="UnixTime.GetSteadyMicroseconds"/> gives it.</param>
    public virtual int RiskOf(long now) => Policy.RiskOf(now);

    /// <summary>Loki refused it: what is not acknowledged is read again.</summary>
    /// <param name="bytes">Bytes of it that were refused.</param>
    /// <param name="now">The present timestamp.</param>
    /// <param name="pausedUntil">When it is tried again, as a timestamp of the <see cref="TimeProvider"/>.</param>
    public void Refuse(long bytes, long now, long pausedUntil)
    {
        Policy.Refuse(bytes, now, pausedUntil);
        Clock = Checkpoint.Clock;
        LastMovedNs = StreamClock.None;
    }

    /// <summary>Runs of this stream that are in a batch.</summary>
    public int UnansweredRuns { get; set; }

    /// <summary>The last run of this stream that was begun; null if it was answered.</summary>
    public Run? LastRun { get; set; }
}
