namespace Shipper.Core.Tests.Support;

/// <summary>A timer that reports once when it is over.</summary>
/// <param name="timer">The actual timer.</param>
/// <param name="over">Called when the timer is disposed, or earlier if its due time is set to more than <paramref name="longest"/>.</param>
/// <param name="longest">Longest due time; null for no limit.</param>
internal sealed class ObservedTimer(ITimer timer, Action over, TimeSpan? longest = null) : ITimer
{
    private int _isOver;

    public bool Change(TimeSpan dueTime, TimeSpan period)
    {
        if (dueTime > longest)
        {
            End();
        }

        return timer.Change(dueTime, period);
    }

    public void Dispose()
    {
        timer.Dispose();
        End();
    }

    public ValueTask DisposeAsync()
    {
        Dispose();
        return ValueTask.CompletedTask;
    }

    private void End()
    {
        if (Interlocked.Exchange(ref _isOver, 1) == 0)
        {
            over();
        }
    }
}
