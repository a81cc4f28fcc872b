using System.Globalization;
using Microsoft.Extensions.Logging;
using Shipper.Loki;
using Shipper.Records;

namespace Shipper.Delivery;

/// <summary>
/// Knows whether Loki accepts pushes. Logs one line for all lanes when it does not, one a minute while that lasts, and one when it accepts them again. A failure
/// that is over after a moment is not logged.
/// </summary>
/// <remarks>Thread-safe: all lanes share it.</remarks>
/// <param name="retryLimit"><c>loki.retry.limit</c>; 0 for none.</param>
internal sealed class LokiHealth(int retryLimit, TimeProvider time, ILogger logger)
{
    /// <summary>A failure that is over within this time is not worth a line: Loki restarts a part of itself, or a connection was closed.</summary>
    public static readonly TimeSpan MaxBlip = TimeSpan.FromSeconds(3);

    private static readonly TimeSpan RepeatInterval = TimeSpan.FromMinutes(1);

    /// <summary>Number of pushes from which the latency is computed.</summary>
    private const int Latencies = 256;

    private readonly Lock _lock = new();
    private readonly double[] _latencies = new double[Latencies];
    private readonly Dictionary<object, (int Records, long RetryAt)> _waiting = [];
    private long _stored;
    private DateTimeOffset? _lastSuccess;
    private (DateTimeOffset Time, long Timestamp)? _since;
    private long? _loggedAt;
    private PushAnswer _answer;

    /// <summary>When Loki last accepted a push; null before the first.</summary>
    public DateTimeOffset? LastSuccess
    {
        get
        {
            lock (_lock)
            {
                return _lastSuccess;
            }
        }
    }

    /// <summary>The current outage; null if there is none.</summary>
    public LokiFailure? Failure
    {
        get
        {
            lock (_lock)
            {
                return _since is { } since ? Describe(since.Time) : null;
            }
        }
    }

    /// <summary>How long Loki took for the last accepted pushes, in seconds: the median, and the 99th percentile. Null before the first.</summary>
    public (double P50, double P99)? LatencySeconds
    {
        get
        {
            lock (_lock)
            {
                int count = (int)Math.Min(_stored, Latencies);
                if (count == 0)
                {
                    return null;
                }

                double[] sorted = [.. _latencies.Take(count).Order()];
                return (sorted[count / 2], sorted[Math.Min(count - 1, count * 99 / 100)]);
            }
        }
    }

    /// <summary>Notes that Loki accepted a push.</summary>
    /// <param name="duration">Time from the push to the response.</param>
    public void OnStored(TimeSpan duration)
    {
        lock (_lock)
        {
            _latencies[_stored++ % Latencies] = duration.TotalSeconds;
            _lastSuccess = time.GetUtcNow();
            Recover();
        }
    }

    /// <summary>Notes that Loki answered a query for which <see cref="OnFailed"/> may have been called. If nothing else waits, the outage is over.</summary>
    public void OnAnswered(object owner)
    {
        lock (_lock)
        {
            if (_waiting.Remove(owner) && _waiting.Count == 0)
            {
                Recover();
            }
        }
    }

    /// <summary>Notes that a push failed, and will be repeated.</summary>
    /// <param name="owner">What waits: a batch, or a query.</param>
    /// <param name="records">Number of records that wait with it.</param>
    /// <param name="wait">Upper bound of the time until the next attempt.</param>
    public void OnFailed(object owner, int records, PushAnswer answer, TimeSpan wait)
    {
        lock (_lock)
        {
            long now = time.GetTimestamp();
            _since ??= (time.GetUtcNow(), now);
            _waiting[owner] = (records, now + (long)(wait.TotalSeconds * time.TimestampFrequency));
            _answer = answer;
            DeliveryEvents.Retrying(logger, records, answer.Status, answer.Message, wait.TotalSeconds);
            bool isDue = _loggedAt is { } logged
                ? time.GetElapsedTime(logged, now) >= RepeatInterval
                : answer.Verdict == PushVerdict.Misconfigured || time.GetElapsedTime(_since.Value.Timestamp, now) >= MaxBlip;
            if (isDue)
            {
                _loggedAt = now;
                Log(Describe(_since.Value.Time), wait);
            }
        }
    }

    /// <summary>Notes that nothing waits any longer for an owner that was passed to <see cref="OnFailed"/>.</summary>
    public void OnSettled(object owner)
    {
        lock (_lock)
        {
            _waiting.Remove(owner);
        }
    }

    private void Recover()
    {
        if (_since is { } since && _loggedAt is not null)
        {
            DeliveryEvents.Recovered(logger, HumanText.Duration(time.GetElapsedTime(since.Timestamp).TotalSeconds));
        }

        _since = null;
        _loggedAt = null;
    }

    private void Log(LokiFailure failure, TimeSpan wait)
    {
        string since = failure.Since.UtcDateTime.ToString("HH:mm:ss'Z'", CultureInfo.InvariantCulture);
        string fate = retryLimit == 0 ? "nothing is lost" : string.Create(CultureInfo.InvariantCulture, $"each batch is dropped after {retryLimit} retries (loki.retry.limit)");
        if (_answer.Verdict == PushVerdict.Misconfigured)
        {
            DeliveryEvents.Misconfigured(logger, _answer.Status, _answer.Message, _answer.Remedy, failure.WaitingRecords, fate, wait.TotalSeconds);
        }
        else if (failure.IsUnavailable)
        {
            DeliveryEvents.Unavailable(logger, since, failure.WaitingRecords, fate, wait.TotalSeconds, _answer.Status, _answer.Message);
        }
        else
        {
            DeliveryEvents.Refused(logger, since, failure.WaitingRecords, fate, wait.TotalSeconds, _answer.Status, _answer.Message);
        }
    }

    private LokiFailure Describe(DateTimeOffset since)
    {
        long now = time.GetTimestamp();
        long next = _waiting.Count == 0 ? 0 : _waiting.Values.Min(waiting => waiting.RetryAt);
        return new LokiFailure(
            since, _answer.Status is "error" or "timeout" || _answer.Status.StartsWith('5'), $"{_answer.Status} {_answer.Message}", _answer.Remedy,
            next > now ? time.GetUtcNow() + time.GetElapsedTime(now, next) : null, _waiting.Values.Sum(waiting => waiting.Records));
    }
}
