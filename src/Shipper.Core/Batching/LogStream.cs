using Shipper.Checkpoints;
using Shipper.Records;

namespace Shipper.Batching;

/// <summary>What a batch has to know of a stream, whatever it is read from.</summary>
/// <remarks>Owned by a lane; not safe for concurrent use.</remarks>
/// <param name="checkpoint">What is kept of the stream.</param>
internal abstract class LogStream(StreamCheckpoint checkpoint)
{
    /// <summary>An ingester forgets a stream that is quiet for 30 minutes (chunk_idle_period), and checks it as a new one.</summary>
    private static readonly TimeSpan MaxForgotten = TimeSpan.FromMinutes(25);

    /// <summary>A faster stream is sharded by Loki, and may be refused above 3 MB/s; the burst is a fraction of Loki's 15 MB.</summary>
    private const double FastBytesPerSecond = 1e6;

    private const double FastBurstBytes = 2e6;

    /// <summary>Above that a stream that was refused is no longer bounded.</summary>
    private const long MaxShrunkBytes = 4 * 1024 * 1024;

    // Bytes beyond those that are not fast, and when they were counted.
    private double _level;
    private long _levelAt;

    public StreamCheckpoint Checkpoint { get; } = checkpoint;

    /// <summary>The source that its records count for: label <c>source</c> of the metrics.</summary>
    public abstract string SourceName { get; }

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
    public virtual int RiskOf(long now) => Refusals > 0 ? 2 : LastStoredAt is { } stored && now - stored <= MaxForgotten.TotalMicroseconds ? 0 : 1;

    /// <summary>When Loki last took records of it in this life, as <see cref="UnixTime.GetSteadyMicroseconds"/> gives it; null if it did not.</summary>
    public long? LastStoredAt { get; set; }

    /// <summary>Refusals in a row.</summary>
    public int Refusals { get; set; }

    /// <summary>A refused stream is left alone until then, as a timestamp of the <see cref="TimeProvider"/>.</summary>
    public long PausedUntil { get; set; }

    /// <summary>When it was refused last, in this life, as a timestamp of the <see cref="TimeProvider"/>.</summary>
    public long RefusedAt { get; private set; } = long.MinValue;

    /// <summary>Loki's working time when records of the stream were last left open; 0 if that was before this start.</summary>
    public TimeSpan LeftOpenMark { get; set; }

    /// <summary>The record of it that was refused by itself; null where none was.</summary>
    public LoneRecord? Lone { get; set; }

    /// <summary>
    /// The most bytes of it that go with one request: fewer after each refusal, because more than Loki's burst can never pass, and twice as many
    /// after each acknowledgement.
    /// </summary>
    public long MaxRequestBytes { get; set; } = long.MaxValue;

    /// <summary>True while it is to be the only one of a request: its rate may be too high for Loki, or was lately.</summary>
    /// <param name="now">The present, as <see cref="UnixTime.GetSteadyMicroseconds"/> gives it.</param>
    public bool TravelsAlone(long now) => Refusals > 0 || MaxRequestBytes < long.MaxValue || LevelAt(now) > FastBurstBytes;

    /// <summary>Takes note of what was put into a batch, to know how fast the stream is.</summary>
    /// <param name="bytes">Bytes of it.</param>
    /// <param name="now">The present, as <see cref="UnixTime.GetSteadyMicroseconds"/> gives it.</param>
    public void CountBytes(long bytes, long now) => (_level, _levelAt) = (LevelAt(now) + bytes, now);

    /// <summary>Loki refused it: it is tried again later, with fewer bytes.</summary>
    /// <param name="bytes">Bytes of it that were refused.</param>
    /// <param name="now">The present timestamp.</param>
    /// <param name="pausedUntil">When, as a timestamp of the <see cref="TimeProvider"/>.</param>
    public void Refuse(long bytes, long now, long pausedUntil)
    {
        Refusals++;
        RefusedAt = now;
        MaxRequestBytes = Math.Max(1, Math.Min(MaxRequestBytes, bytes) / 2);
        PausedUntil = pausedUntil;
        Clock = Checkpoint.Clock;
        LastMovedNs = StreamClock.None;
    }

    /// <summary>Loki took records of it.</summary>
    /// <param name="now">The present, as <see cref="UnixTime.GetSteadyMicroseconds"/> gives it.</param>
    public void Acknowledge(long now)
    {
        LastStoredAt = now;
        Refusals = 0;
        MaxRequestBytes = MaxRequestBytes > MaxShrunkBytes ? long.MaxValue : MaxRequestBytes * 2;
    }

    private double LevelAt(long now) => Math.Max(0, _level - ((now - _levelAt) * (FastBytesPerSecond / 1e6)));

    /// <summary>Runs of this stream that are in a batch.</summary>
    public int UnansweredRuns { get; set; }

    /// <summary>The last run of this stream that was begun; null where it was answered.</summary>
    public Run? LastRun { get; set; }
}
