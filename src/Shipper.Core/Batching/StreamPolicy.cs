using Shipper.Records;

namespace Shipper.Batching;

/// <summary>
/// How a stream may be sent: whether it is paused, how many bytes a request may have, and whether it needs a request of its own. This follows from Loki's
/// responses and from the stream's rate.
/// </summary>
/// <remarks>Owned by a lane; not thread-safe.</remarks>
internal sealed class StreamPolicy
{
    /// <summary>
    /// After this long without records, a stream counts as new: an ingester forgets a stream that is quiet for 30 minutes (chunk_idle_period), and checks it as
    /// a new one.
    /// </summary>
    private static readonly TimeSpan MaxForgotten = TimeSpan.FromMinutes(25);

    /// <summary>A stream above this rate is fast. Loki shards it, and may refuse it above 3 MB/s; the burst is a fraction of Loki's 15 MB.</summary>
    private const double FastBytesPerSecond = 1e6;

    private const double FastBurstBytes = 2e6;

    /// <summary>Above this, the limit for a stream that was refused is lifted.</summary>
    private const long MaxShrunkBytes = 4 * 1024 * 1024;

    // Bytes beyond what the rate allows, and when they were counted.
    private double _level;
    private long _levelAt;

    /// <summary>How likely Loki is to refuse the stream: see <see cref="LogStream.GetRisk"/>.</summary>
    public int GetRisk(long now) => Refusals > 0 ? 2 : LastStoredAt is { } stored && now - stored <= MaxForgotten.TotalMicroseconds ? 0 : 1;

    /// <summary>
    /// When Loki last accepted records of the stream since the agent started, as returned by <see cref="UnixTime.GetMonotonicMicroseconds"/>; null if it has
    /// not.
    /// </summary>
    public long? LastStoredAt { get; private set; }

    /// <summary>Number of consecutive refusals.</summary>
    public int Refusals { get; private set; }

    /// <summary>The end of the pause after a refusal, as a timestamp of the <see cref="TimeProvider"/>.</summary>
    public long PausedUntil { get; private set; }

    /// <summary>
    /// When Loki last refused the stream since the agent started, as a timestamp of the <see cref="TimeProvider"/>; <see cref="long.MinValue"/> if it has not.
    /// </summary>
    public long RefusedAt { get; private set; } = long.MinValue;

    /// <summary>Loki's working time when records of the stream last became unconfirmed; 0 if that was before this start.</summary>
    public TimeSpan UnconfirmedWorkingTime { get; set; }

    /// <summary>The record that Loki refused in a request of its own; null if there is none.</summary>
    public SuspectRecord? SuspectRecord { get; set; }

    /// <summary>
    /// Upper bound of its bytes in one request. A refusal halves it, because a request above Loki's burst limit can never pass. An acknowledgement doubles it.
    /// </summary>
    public long MaxRequestBytes { get; private set; } = long.MaxValue;

    /// <summary>True if the stream needs a request of its own: its rate is or recently was too high for Loki, or may be.</summary>
    /// <param name="now">The current time, as returned by <see cref="UnixTime.GetMonotonicMicroseconds"/>.</param>
    public bool NeedsOwnRequest(long now) => Refusals > 0 || MaxRequestBytes < long.MaxValue || LevelAt(now) > FastBurstBytes;

    /// <summary>Counts bytes that were put into a batch, to measure the stream's rate.</summary>
    /// <param name="now">The current time, as returned by <see cref="UnixTime.GetMonotonicMicroseconds"/>.</param>
    public void CountBytes(long bytes, long now) => (_level, _levelAt) = (LevelAt(now) + bytes, now);

    /// <summary>Notes that Loki refused the stream: it is sent again after a pause, with fewer bytes.</summary>
    /// <param name="bytes">Refused bytes of the stream.</param>
    /// <param name="now">The current timestamp.</param>
    /// <param name="pausedUntil">The end of the pause, as a timestamp of the <see cref="TimeProvider"/>.</param>
    public void OnRefused(long bytes, long now, long pausedUntil)
    {
        Refusals++;
        RefusedAt = now;
        MaxRequestBytes = Math.Max(1, Math.Min(MaxRequestBytes, bytes) / 2);
        PausedUntil = pausedUntil;
    }

    /// <summary>Notes that Loki accepted records of the stream.</summary>
    /// <param name="now">The current time, as returned by <see cref="UnixTime.GetMonotonicMicroseconds"/>.</param>
    public void OnAcknowledged(long now)
    {
        LastStoredAt = now;
        Refusals = 0;
        MaxRequestBytes = MaxRequestBytes > MaxShrunkBytes ? long.MaxValue : MaxRequestBytes * 2;
    }

    /// <summary>Limits requests to one record of the stream, because Loki refused a record in a request of its own.</summary>
    public void SendOneByOne() => MaxRequestBytes = 1;

    private double LevelAt(long now) => Math.Max(0, _level - ((now - _levelAt) * (FastBytesPerSecond / 1e6)));
}
