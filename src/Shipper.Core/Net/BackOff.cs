namespace Shipper.Net;

/// <summary>
/// Says how long to wait before an attempt is repeated: the bound doubles with each failure in a row, and the wait is drawn evenly up to the bound, so that agents
/// that failed together do not return together. Source: https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/ (full jitter).
/// </summary>
/// <remarks>Thread-safe: all lanes share one.</remarks>
/// <param name="initial">The bound after the first failure.</param>
/// <param name="max">The largest bound.</param>
/// <param name="time">The clock.</param>
internal sealed class BackOff(TimeSpan initial, TimeSpan max, TimeProvider time) : IDisposable
{
    private readonly WaitClock _clock = new(time);

    /// <summary>True once the agent stops.</summary>
    public bool IsStopping => _clock.IsStopping;

    /// <summary>The largest bound.</summary>
    public TimeSpan Max => max;

    /// <summary>The clock to wait with: <see cref="StopWaiting"/> ends its waits.</summary>
    public TimeProvider Clock => _clock;

    /// <summary>The upper bound of the wait after this many failures in a row.</summary>
    public TimeSpan Bound(int failures) => TimeSpan.FromTicks((long)Math.Min(max.Ticks, initial.Ticks * Math.Pow(2, Math.Max(0, failures - 1))));

    /// <summary>Draws a wait, in whole milliseconds: timers count these, and would take a part of one for none.</summary>
    /// <param name="bound">Its upper bound. The lower one is 1 ms.</param>
    /// <param name="retryAfter">What the server asks to wait (Retry-After): the wait comes on top of it. At most <see cref="Max"/> counts.</param>
    public TimeSpan Draw(TimeSpan bound, TimeSpan retryAfter = default) =>
        (retryAfter < max ? retryAfter : max) + TimeSpan.FromMilliseconds(Math.Ceiling(bound.TotalMilliseconds * (1 - Random.Shared.NextDouble())));

    /// <summary>Waits for a time drawn up to the bound.</summary>
    /// <exception cref="OperationCanceledException"><paramref name="givingUp"/> came first.</exception>
    public Task WaitAsync(TimeSpan bound, CancellationToken givingUp) => Task.Delay(Draw(bound), _clock, givingUp);

    /// <summary>Ends all waits now and keeps later ones short: the agent stops.</summary>
    public void StopWaiting() => _clock.StopWaiting();

    public void Dispose() => _clock.Dispose();
}
