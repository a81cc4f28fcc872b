namespace Shipper.Lanes;

/// <summary>Lets other threads ask a lane what it is doing. The lane answers at its next turn.</summary>
/// <remarks><see cref="AskAsync"/> is thread-safe; the rest belongs to the lane.</remarks>
/// <param name="describe">Describes the lane; called by the lane.</param>
/// <param name="describeBlocked">Describes a lane that does not answer; called on the thread that asks.</param>
/// <param name="wake">Wakes the lane.</param>
internal sealed class LaneInquiry(Func<LaneStatus> describe, Func<LaneStatus> describeBlocked, Action wake, TimeProvider time)
{
    /// <summary>A lane that does not answer within this time is blocked.</summary>
    private static readonly TimeSpan MaxAnswerTime = TimeSpan.FromSeconds(2);

    // Completed by the lane's answer; null if nobody has asked.
    private TaskCompletionSource<LaneStatus>? _asked;

    /// <summary>Asks the lane, and wakes it.</summary>
    public async Task<LaneStatus> AskAsync(CancellationToken stopping)
    {
        var mine = new TaskCompletionSource<LaneStatus>(TaskCreationOptions.RunContinuationsAsynchronously);
        TaskCompletionSource<LaneStatus> asked = Interlocked.CompareExchange(ref _asked, mine, null) ?? mine;
        wake();
        try
        {
            return await asked.Task.WaitAsync(MaxAnswerTime, time, stopping);
        }
        catch (TimeoutException)
        {
            return describeBlocked();
        }
    }

    /// <summary>Answers everyone who has asked.</summary>
    public void Answer()
    {
        if (Volatile.Read(ref _asked) is not null && Interlocked.Exchange(ref _asked, null) is { } asked)
        {
            Answer(asked);
        }
    }

    /// <summary>Answers for the last time. Everyone who asks later gets the same answer.</summary>
    public void AnswerLast()
    {
        var mine = new TaskCompletionSource<LaneStatus>(TaskCreationOptions.RunContinuationsAsynchronously);
        Answer(Interlocked.CompareExchange(ref _asked, mine, null) ?? mine);
    }

    /// <summary>Completes the task with the lane's status. An exception is passed to those who asked.</summary>
    private void Answer(TaskCompletionSource<LaneStatus> asked)
    {
        try
        {
            asked.SetResult(describe());
        }
#pragma warning disable CA1031 // The exception goes to the caller that asked for the status.
        catch (Exception e)
#pragma warning restore CA1031
        {
            asked.SetException(e);
        }
    }
}
