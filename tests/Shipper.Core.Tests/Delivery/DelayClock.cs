using System.Diagnostics;
using Microsoft.Extensions.Time.Testing;
using Shipper.Core.Tests.Support;

namespace Shipper.Core.Tests.Delivery;

/// <summary>
/// A clock that advances only while something waits for it. If it advanced all the time, more time would pass between two waits on a busy machine than in any
/// real agent.
/// </summary>
internal sealed class DelayClock() : FakeTimeProvider(TimeProvider.System.GetUtcNow())
{
    /// <summary>Real time, far longer than any test takes: reached only by a task that neither ends nor waits.</summary>
    private static readonly TimeSpan MaxRunning = TimeSpan.FromMinutes(5);

    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(250);

    private int _waits;

    /// <summary>Advances the time as fast as the task waits for it, until the task has ended.</summary>
    /// <param name="task">The waiting task.</param>
    /// <param name="within">How much time may pass.</param>
    /// <returns>True if the task has ended.</returns>
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
            // A timer of the test. Task.Delay passes its task as the state.
            return timer;
        }

        Interlocked.Increment(ref _waits);
        return new ObservedTimer(timer, () => Interlocked.Decrement(ref _waits));
    }
}
