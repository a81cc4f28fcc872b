namespace Shipper.Net;

/// <summary>
/// Determines how long to wait before a retry. The upper bound of the wait doubles with each consecutive failure, and the wait is drawn uniformly up to the
/// bound, so that agents that failed together do not retry together. Source:
/// https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/ (full jitter).
/// </summary>
/// <remarks>Thread-safe: all lanes share one.</remarks>
/// <param name="initial">Upper bound of the wait after the first failure.</param>
/// <param name="max">The highest value of the upper bound.</param>
internal sealed class BackOff(TimeSpan initial, TimeSpan max, TimeProvider time) : IDisposable
{
    private readonly WaitClock _clock = new(time);

    /// <summary>True once the agent is shutting down.</summary>
    public bool IsStopping => _clock.IsStopping;

    /// <summary>The highest value of the upper bound.</summary>
    public TimeSpan Max => max;

    /// <summary>The clock to wait with: <see cref="StopWaiting"/> ends waits on it.</summary>
    public TimeProvider Clock => _clock;

    /// <summary>Returns the upper bound of the wait after the given number of consecutive failures.</summary>
    public TimeSpan BoundAfter(int failures) => TimeSpan.FromTicks((long)Math.Min(max.Ticks, initial.Ticks * Math.Pow(2, Math.Max(0, failures - 1))));

    /// <summary>Draws a random wait in whole milliseconds, because a timer would round a fraction of a millisecond down to zero.</summary>
    /// <param name="bound">Upper bound of the wait. The lower bound is 1 ms.</param>
    /// <param name="retryAfter">The wait that the server asked for (Retry-After), up to <see cref="Max"/>. The random wait is added to it.</param>
    public TimeSpan DrawWait(TimeSpan bound, TimeSpan retryAfter = default) =>
        (retryAfter < max ? retryAfter : max) + TimeSpan.FromMilliseconds(Math.Ceiling(bound.TotalMilliseconds * (1 - Random.Shared.NextDouble())));

    /// <summary>Waits for a random time up to the bound.</summary>
    /// <exception cref="OperationCanceledException"><paramref name="givingUp"/> was canceled during the wait.</exception>
    public Task WaitAsync(TimeSpan bound, CancellationToken givingUp) => Task.Delay(DrawWait(bound), _clock, givingUp);

    /// <summary>Ends all current waits and keeps later ones short, because the agent is shutting down.</summary>
    public void StopWaiting() => _clock.StopWaiting();

    public void Dispose() => _clock.Dispose();
}
