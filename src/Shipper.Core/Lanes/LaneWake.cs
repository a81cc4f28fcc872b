namespace Shipper.Lanes;

/// <summary>Lets a lane sleep until there is news for it, or until a time.</summary>
/// <remarks><see cref="Wake"/> is thread-safe; the rest belongs to the lane.</remarks>
internal sealed class LaneWake : IDisposable
{
    private readonly SemaphoreSlim _wake = new(0, 1);
    private readonly ITimer _alarm;

    public LaneWake(TimeProvider time) =>
        _alarm = time.CreateTimer(static wake => ((LaneWake)wake!).Wake(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);

    /// <summary>There is news for the lane.</summary>
    public void Wake()
    {
        if (_wake.CurrentCount > 0)
        {
            return;
        }

        try
        {
            _wake.Release();
        }
        catch (Exception e) when (e is SemaphoreFullException or ObjectDisposedException)
        {
            // It is awake already, or has ended: a timer or a delivery may come late.
        }
    }

    /// <summary>
    /// Sleeps. A task for each of news, answer and time, to wait for the first and cancel the others,
    /// took a tenth of the agent's CPU time at 10,000 lines a second, half of that for the exception with which the others ended.
    /// </summary>
    /// <param name="atMost">When to wake in any case.</param>
    public Task WaitAsync(TimeSpan atMost)
    {
        // In whole milliseconds, and not too soon by a part of one.
        _alarm.Change(TimeSpan.FromMilliseconds(Math.Ceiling(atMost.TotalMilliseconds)), Timeout.InfiniteTimeSpan);
        return _wake.WaitAsync();
    }

    public void Dispose()
    {
        _alarm.Dispose();
        _wake.Dispose();
    }
}
