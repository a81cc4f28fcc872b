using System.Diagnostics;
using Microsoft.Extensions.Time.Testing;
using Shipper.Core.Tests.Support;

namespace Shipper.Core.Tests.Delivery;

/// <summary>
/// A clock that moves on only while something waits for it. If it went on meanwhile, more time would pass between two waits on a busy machine than in any agent.
/// </summary>
internal sealed class DelayClock() : FakeTimeProvider(TimeProvider.System.GetUtcNow())
{
    /// <summary>Real time, far longer than anything takes: only what neither ends nor waits comes to it.</summary>
    private static readonly TimeSpan MaxRunning = TimeSpan.FromMinutes(5);

    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(250);

    private int _waits;

    /// <summary>Lets time pass as fast as it is waited for, until the task has ended.</summary>
    /// <param name="task">What waits.</param>
    /// <param name="within">How much may pass.</param>
    /// <returns>Whether the task has ended.</returns>
    public async Task<bool> PassAsync(Task task, TimeSpan within)
    {
        DateTimeOffset end = GetUtcNow() + within;
        long start = Stopwatch.GetTimestamp();
        while (!task.IsCompleted && GetUtcNow() < end && Stopwatch.GetElapsedTime(start) < MaxRunning)
        {
            if (Volatile.Read(ref _waits) > 0)
            {
                Advance(Step);
            }

            await Task.Yield();
        }

        return task.IsCompleted;
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        ITimer timer = base.CreateTimer(callback, state, dueTime, period);
        if (state is not Task)
        {
            // A timer of the test. One of Task.Delay has the task as its state.
            return timer;
        }

        Interlocked.Increment(ref _waits);
        return new ObservedTimer(timer, () => Interlocked.Decrement(ref _waits));
    }
}
