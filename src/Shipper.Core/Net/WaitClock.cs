namespace Shipper.Net;

/// <summary>
/// A clock whose waits end when the agent shuts down. So neither the agent's code nor a library that waits with this clock needs a cancellation token for that.
/// </summary>
/// <remarks>Thread-safe.</remarks>
/// <param name="time">The underlying clock.</param>
internal sealed class WaitClock(TimeProvider time) : TimeProvider, IDisposable
{
    /// <summary>The longest wait during shutdown. It is not zero, because a server that is down must not be retried in a tight loop.</summary>
    private static readonly TimeSpan MaxWaitWhileStopping = TimeSpan.FromSeconds(1);

    private readonly CancellationTokenSource _stopping = new();

    /// <summary>True once the agent is shutting down.</summary>
    public bool IsStopping => _stopping.IsCancellationRequested;

    public override long TimestampFrequency => time.TimestampFrequency;

    public override TimeZoneInfo LocalTimeZone => time.LocalTimeZone;

    public override DateTimeOffset GetUtcNow() => time.GetUtcNow();

    public override long GetTimestamp() => time.GetTimestamp();

    /// <summary>Ends all current waits and shortens later ones.</summary>
    public void StopWaiting() => _stopping.Cancel();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        if (IsStopping)
        {
            return time.CreateTimer(callback, state, dueTime < MaxWaitWhileStopping ? dueTime : MaxWaitWhileStopping, period);
        }

        ITimer timer = time.CreateTimer(callback, state, dueTime, period);
        return new StoppableTimer(timer, _stopping.Token.UnsafeRegister(static timer => ((ITimer)timer!).Change(TimeSpan.Zero, Timeout.InfiniteTimeSpan), timer));
    }

    public void Dispose() => _stopping.Dispose();

    private sealed class StoppableTimer(ITimer timer, CancellationTokenRegistration stopping) : ITimer
    {
        public bool Change(TimeSpan dueTime, TimeSpan period) => timer.Change(dueTime, period);

        public void Dispose()
        {
            // Unregister does not wait for a running callback, which matters because the callback itself may be disposing this timer.
            stopping.Unregister();
            timer.Dispose();
        }

        public ValueTask DisposeAsync()
        {
            stopping.Unregister();
            return timer.DisposeAsync();
        }
    }
}
