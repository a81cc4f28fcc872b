using System.Globalization;
using Microsoft.Extensions.Logging;
using Shipper.Loki;
using Shipper.Records;

namespace Shipper.Delivery;

/// <summary>
/// Knows whether Loki accepts pushes, and logs it for all lanes together: one line when pushes begin to fail, one a minute while they do, and one when Loki
/// accepts pushes again. A failure that is over within a few seconds is logged at level debug only.
/// </summary>
/// <remarks>Thread-safe: all lanes share it.</remarks>
internal sealed class LokiHealth(LokiOptions options, TimeProvider time, ILogger logger, Func<long> lostBytes)
{
    /// <summary>A failure is logged once the next retry may come later than this after the first failure.</summary>
    private static readonly TimeSpan MaxQuiet = TimeSpan.FromSeconds(3);

    /// <summary>How often a warning is repeated.</summary>
    private static readonly TimeSpan RepeatInterval = TimeSpan.FromMinutes(1);

    /// <summary>Failures within a minute that are worth a warning although Loki accepts other pushes.</summary>
    private const int MaxQuietFailures = 3;

    private readonly Lock _lock = new();
    private readonly PushLatencies _latencies = new();
    private Func<int> _countWaiting = static () => 0;
    private DateTimeOffset? _lastSuccess;
    private string? _lastResponse;

    // The current failure; null while Loki accepts pushes.
    private LokiOutage? _outage;

    // When a warning was last logged, as timestamps; null if none was.
    private long? _lastWarning;
    private long? _lastQueryWarning;

    // Since when queries have failed, as a timestamp; null if the last one succeeded.
    private long? _queriesFailSince;

    // The pushes since the given timestamp, to notice that some of them fail.
    private (long Since, int Pushes, int Failures) _minute = (time.GetTimestamp(), 0, 0);

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

    /// <summary>Loki's last response to a push of any lane, followed by the remedy if there is one; null before the first.</summary>
    public string? LastResponse => Volatile.Read(ref _lastResponse);

    /// <summary>Why Loki accepts no pushes at present; null while it accepts them.</summary>
    public LokiFailure? Failure
    {
        get
        {
            lock (_lock)
            {
                return _outage is { } outage
                    ? new LokiFailure(outage.Since, outage.Kind == LokiFailureKind.Unavailable, outage.Response, outage.Remedy, outage.NextRetry, CountWaiting(outage))
                    : null;
            }
        }
    }

    /// <summary>True if a warning has been logged that pushes fail, and they still do. Other messages about Loki then add nothing.</summary>
    public bool IsFailureLogged
    {
        get
        {
            lock (_lock)
            {
                return _outage is { IsLogged: true };
            }
        }
    }

    /// <summary>Median and 99th percentile of the duration of the last successful pushes, in seconds; null before the first.</summary>
    public (double P50, double P99)? LatencySeconds
    {
        get
        {
            lock (_lock)
            {
                return _latencies.GetPercentiles();
            }
        }
    }

    /// <summary>Sets the function that counts the unacknowledged records of all lanes. It is called under a lock and must not wait.</summary>
    public void SetWaiting(Func<int> countWaiting)
    {
        lock (_lock)
        {
            _countWaiting = countWaiting;
        }
    }

    /// <summary>
    /// Continues where the previous agent of this process ended: a reload during an outage neither repeats the warning nor hides when the outage began.
    /// </summary>
    public void Continue(LokiHealth previous)
    {
        lock (previous._lock)
        {
            lock (_lock)
            {
                _lastSuccess = previous._lastSuccess;
                _lastResponse ??= previous._lastResponse;
                _outage ??= previous._outage;
                _lastWarning = previous._lastWarning;
                _lastQueryWarning = previous._lastQueryWarning;
                _queriesFailSince = previous._queriesFailSince;
                _minute = previous._minute;
            }
        }
    }

    /// <summary>Notes a response.</summary>
    /// <param name="duration">How long the push took; null for an empty push.</param>
    public void OnResponse(PushAnswer answer, TimeSpan? duration)
    {
        Volatile.Write(ref _lastResponse, answer.Describe());
        if (answer.Verdict == PushVerdict.Stored && duration is { } took)
        {
            lock (_lock)
            {
                _latencies.Add(took);
            }
        }
    }

    /// <summary>Notes that Loki accepted records.</summary>
    /// <param name="records">Number of records.</param>
    /// <param name="bytes">Compressed size of the request.</param>
    public void OnAccepted(int records, int bytes)
    {
        lock (_lock)
        {
            if (_lastSuccess is null)
            {
                DeliveryEvents.FirstBatchAcknowledged(logger, records, bytes, options.PushUrl);
            }

            _lastSuccess = time.GetUtcNow();
            EndOutage();
            CountPush(isFailed: false, answer: default);
        }
    }

    /// <summary>Notes that Loki has the records of a push whose response was lost.</summary>
    public void OnConfirmed()
    {
        lock (_lock)
        {
            EndOutage();
        }
    }

    /// <summary>Notes that a push failed and will be retried.</summary>
    /// <param name="records">Number of records of the request.</param>
    /// <param name="isMisconfigured">True if no push can succeed until somebody changes a configuration.</param>
    /// <param name="bound">Longest time until the retry.</param>
    /// <param name="maxRetries">Retries after which the records are dropped; 0 if they are not.</param>
    public void OnFailed(PushAnswer answer, int records, bool isMisconfigured, TimeSpan bound, int maxRetries)
    {
        lock (_lock)
        {
            DeliveryEvents.Retrying(logger, records, answer.Status, answer.Message, bound.TotalSeconds);
            LokiFailureKind kind = isMisconfigured ? LokiFailureKind.Misconfigured
                : answer.Status is "error" or "timeout" or "408" || answer.Status.StartsWith('5') ? LokiFailureKind.Unavailable
                : LokiFailureKind.Refused;
            LokiOutage outage = _outage ??= new LokiOutage { Since = time.GetUtcNow(), SinceTimestamp = time.GetTimestamp(), LostBytes = lostBytes() };
            outage.Kind = kind;
            outage.Status = answer.Status;
            outage.Message = answer.Message;
            outage.Remedy = answer.Remedy;
            outage.Records = records;
            outage.MaxRetries = maxRetries;
            CountPush(isFailed: true, answer);
            Report(outage, bound);
        }
    }

    /// <summary>Notes that a query failed and will be repeated.</summary>
    /// <param name="message">What went wrong.</param>
    /// <param name="bound">Longest time until the next query.</param>
    public void OnQueryFailed(string message, TimeSpan bound)
    {
        lock (_lock)
        {
            DeliveryEvents.AskingAgain(logger, message, bound.TotalSeconds);
            long now = time.GetTimestamp();
            _queriesFailSince ??= now;
            if (_outage is { } outage)
            {
                // The push after this query waits for it.
                Report(outage, bound);
            }
            else if (time.GetElapsedTime(_queriesFailSince.Value, now) + bound > MaxQuiet && IsDue(_lastQueryWarning, now))
            {
                _lastQueryWarning = now;
                DeliveryEvents.AskingFailed(logger, message, bound.TotalSeconds);
            }
        }
    }

    /// <summary>Notes that Loki answered a query. If no record waits, that ends an outage.</summary>
    public void OnQueryAnswered()
    {
        lock (_lock)
        {
            _queriesFailSince = null;
            if (_countWaiting() == 0)
            {
                // No push will end the outage, because there is nothing to send.
                EndOutage();
            }
        }
    }

    private bool IsDue(long? last, long now) => last is null || time.GetElapsedTime(last.Value, now) >= RepeatInterval;

    private int CountWaiting(LokiOutage outage) => Math.Max(_countWaiting(), outage.Records);

    private void EndOutage()
    {
        if (_outage is { IsLogged: true } outage)
        {
            DeliveryEvents.Recovered(logger, HumanText.Duration(time.GetElapsedTime(outage.SinceTimestamp).TotalSeconds));
        }

        _outage = null;
    }

    /// <summary>Warns that pushes fail if that is due.</summary>
    private void Report(LokiOutage outage, TimeSpan bound)
    {
        long now = time.GetTimestamp();
        outage.NextRetry = time.GetUtcNow() + bound;
        bool isDue = IsDue(_lastWarning, now);

        // Only somebody who reads the log can end this outage.
        bool isUrgent = outage.Kind == LokiFailureKind.Misconfigured && !outage.WasUrgent;
        if (!isUrgent && (!isDue || time.GetElapsedTime(outage.SinceTimestamp, now) + bound <= MaxQuiet))
        {
            return;
        }

        _lastWarning = now;
        outage.IsLogged = true;
        outage.WasUrgent |= isUrgent;
        string since = outage.Since.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture);
        int records = CountWaiting(outage);
        double seconds = Math.Ceiling(bound.TotalSeconds);
        switch (outage.Kind)
        {
            case LokiFailureKind.Unavailable:
                DeliveryEvents.Unavailable(logger, since, records, outage.DescribeLoss(lostBytes()), seconds, outage.Status, outage.Message);
                break;
            case LokiFailureKind.Refused:
                DeliveryEvents.Refused(logger, since, records, outage.DescribeLoss(lostBytes()), seconds, outage.Status, outage.Message);
                break;
            default:
                DeliveryEvents.Misconfigured(logger, outage.Status, outage.Message, outage.Remedy, since, records, outage.DescribeLoss(lostBytes()), seconds);
                break;
        }
    }

    /// <summary>Warns at the end of a minute in which some pushes failed and others did not, unless an outage was logged.</summary>
    private void CountPush(bool isFailed, PushAnswer answer)
    {
        long now = time.GetTimestamp();
        if (time.GetElapsedTime(_minute.Since, now) >= RepeatInterval)
        {
            _minute = (now, 0, 0);
        }

        _minute.Pushes++;
        _minute.Failures += isFailed ? 1 : 0;
        if (isFailed && _minute.Failures >= MaxQuietFailures && _minute.Failures < _minute.Pushes && _outage is not { IsLogged: true } && IsDue(_lastWarning, now))
        {
            _lastWarning = now;
            DeliveryEvents.SomePushesFail(logger, _minute.Failures, _minute.Pushes, answer.Status, answer.Message);
        }
    }
}
