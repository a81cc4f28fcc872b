using Shipper.Records;

namespace Shipper.Lanes;

/// <summary>
/// When partial batches are sent. One waits as long as that makes it fuller: behind another that went just now, but not if all was quiet.
/// </summary>
/// <param name="wait">How long a batch waits for more, at most.</param>
/// <param name="time">The clock.</param>
internal sealed class PushSchedule(TimeSpan wait, TimeProvider time)
{
    private readonly long _wait = time.TimestampUnits(wait);

    /// <summary>When the last batch was sent, as a timestamp of the clock; null if none was.</summary>
    public long? LastPush { get; private set; }

    /// <summary>A batch is sent.</summary>
    /// <param name="timestamp">When the turn that filled it began.</param>
    public void Pushed(long timestamp) => LastPush = timestamp;

    /// <summary>How long a partial batch still waits; not positive if it is due.</summary>
    /// <param name="timestamp">When the turn that filled it began.</param>
    public TimeSpan UntilDue(long timestamp) => LastPush is { } last ? wait - time.GetElapsedTime(last, timestamp) : TimeSpan.Zero;

    /// <summary>When the next partial batch goes, as a timestamp. That is known while batches follow each other; otherwise it is now.</summary>
    /// <param name="now">The present.</param>
    /// <param name="isUnderWay">True while a batch is under way.</param>
    public long NextPush(long now, bool isUnderWay) =>
        LastPush is not { } last ? now
        : now < last + _wait ? last + _wait
        : now < last + (2 * _wait) || isUnderWay ? now + _wait
        : now;
}
