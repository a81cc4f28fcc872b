namespace Shipper.Net;

/// <summary>A clock whose waits end when the agent stops. Neither our code nor a library that waits on its behalf needs a token for that.</summary>
/// <remarks>Thread-safe.</remarks>
/// <param name="time">Tells the time.</param>
internal sealed class WaitClock(TimeProvider time) : TimeProvider, IDisposable
{
    /// <summary>The longest wait while the agent stops. It is still a wait: a server that is down must not be asked in a tight loop.</summary>
    private static readonly TimeSpan MaxWaitWhileStopping = TimeSpan.FromSeconds(1);

    private readonly CancellationTokenSource _stopping = new();

    /// <summary>True once the agent stops.</summary>
    public bool IsStopping => _stopping.IsCancellationRequested;

    public override long TimestampFrequency => time.TimestampFrequency;

    public override TimeZoneInfo LocalTimeZone => time.LocalTimeZone;

    public override DateTimeOffset GetUtcNow() => time.GetUtcNow();

    public override long GetTimestamp() => time.GetTimestamp();

    /// <summary>Ends all waits now and shortens later ones.</summary>
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
            // Without waiting for a callback that runs now: it may be what disposes.
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
