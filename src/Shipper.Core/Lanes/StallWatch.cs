using Microsoft.Extensions.Logging;

namespace Shipper.Lanes;

/// <summary>Notices that nothing is acknowledged for long though there is something to send, and says so.</summary>
/// <remarks>Owned by its lane; only <see cref="IsStalled"/> is safe for concurrent use.</remarks>
internal sealed class StallWatch(string lane, Func<string?> lastAnswer, TimeProvider time, ILogger logger)
{
    /// <summary>Without an acknowledgement for this long a lane is stalled.</summary>
    public static readonly TimeSpan MaxSilence = TimeSpan.FromMinutes(5);

    /// <summary>How often the warning is repeated.</summary>
    private static readonly TimeSpan RepeatInterval = TimeSpan.FromHours(1);

    // Since when there is something to send, or the last acknowledgement.
    private long _since = time.GetTimestamp();
    private long _lastSaid;
    private volatile bool _isStalled;

    public bool IsStalled => _isStalled;

    /// <summary>Something was acknowledged.</summary>
    public void Acknowledged()
    {
        long now = time.GetTimestamp();
        if (_isStalled)
        {
            LaneEvents.Resumed(logger, lane, time.GetElapsedTime(_since, now).TotalMinutes);
        }

        _since = now;
        _isStalled = false;
    }

    /// <summary>Looks at the clock.</summary>
    /// <param name="hasWork">True where something is unread, or in a batch.</param>
    public void Check(bool hasWork)
    {
        long now = time.GetTimestamp();
        if (!hasWork)
        {
            _since = now;
            _isStalled = false;
        }
        else if (time.GetElapsedTime(_since, now) >= MaxSilence && (!_isStalled || time.GetElapsedTime(_lastSaid, now) >= RepeatInterval))
        {
            _isStalled = true;
            _lastSaid = now;
            LaneEvents.Stalled(logger, lane, time.GetElapsedTime(_since, now).TotalMinutes, lastAnswer() ?? "none. What can't be read was said before");
        }
    }
}
