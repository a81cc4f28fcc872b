using Microsoft.Extensions.Logging;

namespace Shipper.Lanes;

/// <summary>Detects and logs that Loki has acknowledged nothing for a long time although there is data to send.</summary>
/// <param name="lane">The name of the lane.</param>
/// <param name="lastAnswer">Returns Loki's last response.</param>
/// <param name="isExplained">True if a warning has already said, for all lanes, that Loki accepts no pushes. Then the lane's own message has level debug.</param>
/// <remarks>Owned by its lane; only <see cref="IsStalled"/> is thread-safe.</remarks>
internal sealed class StallWatch(string lane, Func<string?> lastAnswer, Func<bool> isExplained, TimeProvider time, ILogger logger)
{
    /// <summary>After this long without an acknowledgement, a lane is stalled.</summary>
    public static readonly TimeSpan MaxSilence = TimeSpan.FromMinutes(5);

    /// <summary>How often the warning is repeated.</summary>
    private static readonly TimeSpan RepeatInterval = TimeSpan.FromHours(1);

    // When there was first something to send, or the last acknowledgement.
    private long _since = time.GetTimestamp();
    private long _lastLogged;
    private LogLevel _level;
    private volatile bool _isStalled;

    public bool IsStalled => _isStalled;

    /// <summary>Notes that something was acknowledged.</summary>
    public void OnAcknowledged()
    {
        long now = time.GetTimestamp();
        if (_isStalled)
        {
            double minutes = time.GetElapsedTime(_since, now).TotalMinutes;
            LaneEvents.Resumed(logger, _level == LogLevel.Error ? LogLevel.Information : LogLevel.Debug, lane, minutes);
        }

        _since = now;
        _isStalled = false;
    }

    /// <summary>Checks whether the lane is stalled.</summary>
    /// <param name="hasWork">True if something is unread, or in a batch.</param>
    public void Check(bool hasWork)
    {
        long now = time.GetTimestamp();
        if (!hasWork)
        {
            _since = now;
            _isStalled = false;
        }
        else if (time.GetElapsedTime(_since, now) >= MaxSilence && (!_isStalled || time.GetElapsedTime(_lastLogged, now) >= RepeatInterval))
        {
            _isStalled = true;
            _lastLogged = now;
            _level = isExplained() ? LogLevel.Debug : LogLevel.Error;
            double minutes = time.GetElapsedTime(_since, now).TotalMinutes;
            string answer = lastAnswer() ?? "none. Earlier messages name what can't be read";
            LaneEvents.Stalled(logger, _level, lane, minutes, answer);
        }
    }
}
