using Shipper.Records;

namespace Shipper.Batching;

/// <summary>
/// How a stream may be sent: whether it is left alone for a while, with how many bytes, and in whose company. Follows from what Loki said of it, and from how fast it is.
/// </summary>
/// <remarks>Owned by a lane; not safe for concurrent use.</remarks>
internal sealed class StreamPolicy
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

    /// <summary>How likely Loki refuses the stream: see <see cref="LogStream.RiskOf"/>.</summary>
    public int RiskOf(long now) => Refusals > 0 ? 2 : LastStoredAt is { } stored && now - stored <= MaxForgotten.TotalMicroseconds ? 0 : 1;

    /// <summary>When Loki last took records of it in this life, as <see cref="UnixTime.GetSteadyMicroseconds"/> gives it; null if it did not.</summary>
    public long? LastStoredAt { get; private set; }

    /// <summary>Refusals in a row.</summary>
    public int Refusals { get; private set; }

    /// <summary>A refused stream is left alone until then, as a timestamp of the <see cref="TimeProvider"/>.</summary>
    public long PausedUntil { get; private set; }

    /// <summary>When it was refused last, in this life, as a timestamp of the <see cref="TimeProvider"/>.</summary>
    public long RefusedAt { get; private set; } = long.MinValue;

    /// <summary>Loki's working time when records of the stream were last left open; 0 if that was before this start.</summary>
    public TimeSpan LeftOpenMark { get; set; }

    /// <summary>The record that Loki refused when it was sent alone; null if there is none.</summary>
    public LoneRecord? Lone { get; set; }

    /// <summary>
    /// Upper limit of its bytes in one request. A refusal halves it, because more than Loki's burst can never pass, and an acknowledgement
    /// doubles it.
    /// </summary>
    public long MaxRequestBytes { get; private set; } = long.MaxValue;

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
    }

    /// <summary>Loki took records of it.</summary>
    /// <param name="now">The present, as <see cref="UnixTime.GetSteadyMicroseconds"/> gives it.</param>
    public void Acknowledge(long now)
    {
        LastStoredAt = now;
        Refusals = 0;
        MaxRequestBytes = MaxRequestBytes > MaxShrunkBytes ? long.MaxValue : MaxRequestBytes * 2;
    }

    /// <summary>A record of it was refused by itself: each travels alone.</summary>
    public void SendOneByOne() => MaxRequestBytes = 1;

    private double LevelAt(long now) => Math.Max(0, _level - ((now - _levelAt) * (FastBytesPerSecond / 1e6)));
}
