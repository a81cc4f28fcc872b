using Shipper.Checkpoints;

namespace Shipper.Batching;

/// <summary>What a batch has to know of a stream, whatever it is read from.</summary>
/// <remarks>Owned by a lane; not safe for concurrent use.</remarks>
/// <param name="checkpoint">What is kept of the stream.</param>
internal abstract class LogStream(StreamCheckpoint checkpoint)
{
    /// <summary>An ingester forgets a stream that is quiet for 30 minutes (chunk_idle_period), and checks it as a new one.</summary>
    private const long MaxForgottenNs = 25L * 60 * 1_000_000_000;

    /// <summary>A faster stream is sharded by Loki, and may be refused above 3 MB/s; the burst is a fraction of Loki's 15 MB.</summary>
    private const double FastBytesPerSecond = 1e6;

    private const double FastBurstBytes = 2e6;

    /// <summary>Above that a stream that was refused is no longer bounded.</summary>
    private const long MaxShrunkBytes = 4 * 1024 * 1024;

    // Bytes beyond those that are not fast, and when they were counted.
    private double _level;
    private long _levelNs;

    public StreamCheckpoint Checkpoint { get; } = checkpoint;

    /// <summary>The source that its records count for: label <c>source</c> of the metrics.</summary>
    public abstract string SourceName { get; }

    /// <summary>The clock behind the last record that was put into a batch.</summary>
    public StreamClock Clock { get; set; } = checkpoint.Clock;

    /// <summary>
    /// How likely Loki refuses the stream: 2 where it did lately, 1 where it never took it in this life, or not for long, else 0. The likelier
    /// it is, the later it travels, for an ingester's refusal is only told of the last stream of a request.
    /// </summary>
    /// <param name="presentNs">The present, in nanoseconds since 1970.</param>
    public virtual int RiskOf(long presentNs) => Refusals > 0 ? 2 : presentNs - LastStoredNs > MaxForgottenNs ? 1 : 0;

    /// <summary>What <see cref="RiskOf"/> said of it when its batch was ordered last.</summary>
    public int Risk { get; set; }

    /// <summary>Bytes of its records in the batch that was ordered last.</summary>
    public int BatchBytes { get; set; }

    /// <summary>When Loki last took records of it in this life, in nanoseconds since 1970; 0 where it did not.</summary>
    public long LastStoredNs { get; set; }

    /// <summary>Refusals in a row.</summary>
    public int Refusals { get; set; }

    /// <summary>A refused stream is left alone until then, as a timestamp of the <see cref="TimeProvider"/>.</summary>
    public long PausedUntil { get; set; }

    /// <summary>When it was refused last, in this life, as a timestamp of the <see cref="TimeProvider"/>.</summary>
    public long RefusedAt { get; private set; } = long.MinValue;

    /// <summary>For how long Loki had been working when records of the stream were left open last; 0 if that was before this life.</summary>
    public TimeSpan LeftOpenMark { get; set; }

    /// <summary>The record of it that was refused by itself; null where none was.</summary>
    public LoneRecord? Lone { get; set; }

    /// <summary>
    /// The most bytes of it that go with one request: fewer after each refusal, because more than Loki's burst can never pass, and twice as many
    /// after each acknowledgement.
    /// </summary>
    public long MaxRequestBytes { get; set; } = long.MaxValue;

    /// <summary>True while it is to be the only one of a request: its rate may be too high for Loki, or was lately.</summary>
    /// <param name="presentNs">The present, in nanoseconds since 1970.</param>
    public bool TravelsAlone(long presentNs) => Refusals > 0 || MaxRequestBytes < long.MaxValue || LevelAt(presentNs) > FastBurstBytes;

    /// <summary>Takes note of what was put into a batch, to know how fast the stream is.</summary>
    /// <param name="bytes">Bytes of it.</param>
    /// <param name="presentNs">The present, in nanoseconds since 1970.</param>
    public void CountBytes(long bytes, long presentNs) => (_level, _levelNs) = (LevelAt(presentNs) + bytes, presentNs);

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
    }

    /// <summary>Loki took records of it.</summary>
    /// <param name="presentNs">The present, in nanoseconds since 1970.</param>
    public void Acknowledge(long presentNs)
    {
        LastStoredNs = presentNs;
        Refusals = 0;
        MaxRequestBytes = MaxRequestBytes > MaxShrunkBytes ? long.MaxValue : MaxRequestBytes * 2;
    }

    private double LevelAt(long presentNs) => Math.Max(0, _level - (Math.Max(0, presentNs - _levelNs) * (FastBytesPerSecond / 1e9)));

    /// <summary>Runs of this stream that are in a batch.</summary>
    public int UnansweredRuns { get; set; }

    /// <summary>The last run of this stream that was begun; null where it was answered.</summary>
    public Run? LastRun { get; set; }
}
