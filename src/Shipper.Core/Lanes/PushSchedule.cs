using Shipper.Records;

namespace Shipper.Lanes;

/// <summary>
/// Decides when partial batches are sent. Shortly after another batch was sent, a partial batch waits for more records. After a quiet time, it is sent
/// immediately.
/// </summary>
/// <param name="wait">Longest time that a batch waits for more records.</param>
internal sealed class PushSchedule(TimeSpan wait, TimeProvider time)
{
    private readonly long _wait = time.ToTimestampUnits(wait);

    /// <summary>When the last batch was sent, as a timestamp of the <see cref="TimeProvider"/>; null if none was.</summary>
    public long? LastPush { get; private set; }

    /// <summary>Notes that a batch is sent.</summary>
    /// <param name="timestamp">When the turn that filled it began.</param>
    public void OnPushed(long timestamp) => LastPush = timestamp;

    /// <summary>Returns how long a partial batch still waits; not positive if it is due.</summary>
    /// <param name="timestamp">When the turn that filled it began.</param>
    public TimeSpan UntilDue(long timestamp) => LastPush is { } last ? wait - time.GetElapsedTime(last, timestamp) : TimeSpan.Zero;

    /// <summary>
    /// Returns when the next partial batch is sent, as a timestamp. While batches follow each other, this time is known in advance; otherwise it is now.
    /// </summary>
    /// <param name="now">The current timestamp.</param>
    /// <param name="isUnderWay">True while a batch is in flight.</param>
    public long NextPush(long now, bool isUnderWay) =>
        LastPush is not { } last ? now
        : now < last + _wait ? last + _wait
        : now < last + (2 * _wait) || isUnderWay ? now + _wait
        : now;
}
