using Shipper.Loki;
using Shipper.Telemetry;

namespace Shipper.Delivery;

/// <summary>
/// What follows a request of which the answer says nothing about single records: a wait, and the same again, or smaller. Counts such failures in a row.
/// </summary>
/// <remarks>For one batch; not thread-safe.</remarks>
internal sealed class FailedRequests(Sender sender, DeliveryServices services, OpenRecords left, Confirmation confirmation, Culprit culprit)
{
    /// <summary>Failures in a row, none of which tells the reason, before a request is split or its only stream dropped.</summary>
    private const int MaxUnexplained = 3;

    /// <summary>Lower bound in bytes of a request under a rate limit: no burst is smaller.</summary>
    private const int MinRateBytes = 1024;

    /// <summary>Lower bound in bytes for the first request of other batches, if Loki does not say how large a request may be.</summary>
    private const int MinLearnedBytes = 64 * 1024;

    // In a row: all that can pass, those without an answer, and those of labels that can't be read.
    private int _failures;
    private int _brokenConnections;
    private int _unreadable;

    /// <summary>A request was taken, if only in part.</summary>
    public void Passed(AnsweredPush push)
    {
        sender.CountStored(push.Bytes);
        _failures = 0;
        _brokenConnections = 0;
        _unreadable = 0;
        culprit.Passed();
        left.Grow(sender.MaxRequestBytes);
    }

    /// <summary>Counts a failure that can pass, and waits.</summary>
    /// <returns>False if the whole batch was dropped, because it failed as often as is allowed.</returns>
    public async Task<bool> WaitAsync(int records, PushAnswer answer, CancellationToken givingUp)
    {
        _failures++;
        if (services.Options.Retry.Limit > 0 && _failures > services.Options.Retry.Limit && !services.BackOff.IsStopping)
        {
            left.Drop(left.All(), DropReasons.RetryLimit, answer);
            return false;
        }

        TimeSpan bound = services.BackOff.Bound(_failures);
        sender.CountFailure();
        DeliveryEvents.Retrying(services.Logger, records, answer.Status, answer.Message, bound.TotalSeconds);
        await services.BackOff.WaitAsync(bound, givingUp);
        return true;
    }

    /// <summary>Everything waits until somebody changes the configuration.</summary>
    public async Task HoldAsync(PushAnswer answer, CancellationToken givingUp)
    {
        sender.CountFailure();
        SayMisconfigured(answer);
        await services.BackOff.WaitAsync(services.BackOff.Max, givingUp);
    }

    /// <summary>Nothing was stored: the same is sent again. Under a rate limit the requests get smaller.</summary>
    public async Task RepeatAsync(AnsweredPush push, CancellationToken givingUp)
    {
        if (push.Answer.IsTooLarge && push.Entries.Count == 1)
        {
            await BlameAsync(push, givingUp);
        }
        else if (await WaitAsync(push.Entries.Count, push.Answer, givingUp) && push.Answer.IsTooLarge && _failures > 1)
        {
            left.Halve(push.Entries, MinRateBytes);
        }
    }

    /// <summary>The whole request was refused for the labels of one stream.</summary>
    public async Task TakeUnreadableAsync(AnsweredPush push, CancellationToken givingUp)
    {
        if (push.HasSeveralStreams)
        {
            // The others go without it.
            left.IsOneStream = true;
        }
        else if (++_unreadable >= MaxUnexplained)
        {
            left.Drop(push.Entries, DropReasons.Refused, push.Answer);
            _unreadable = 0;
        }
        else
        {
            // The agent's labels can be read. Something on the way may have damaged the request.
            await WaitAsync(push.Entries.Count, push.Answer, givingUp);
        }
    }

    /// <summary>Loki may have any part of the request: it is asked for, and what is missing is sent again.</summary>
    public async Task LeaveOpenAsync(AnsweredPush push, CancellationToken givingUp)
    {
        TimeSpan lostAt = sender.Pulse.Mark();
        if (culprit.TryBlameStream(push.Entries, push.Answer) || !await WaitAsync(push.Entries.Count, push.Answer, givingUp))
        {
            return;
        }

        if (push.Answer.Verdict == PushVerdict.Misconfigured && _failures >= MaxUnexplained)
        {
            // Nothing is taken, so it is hardly about a record.
            SayMisconfigured(push.Answer);
        }

        // What follows judges the request as it was sent, not what is missing of it.
        List<BatchEntry> missing = [.. push.Entries];
        await confirmation.TakeOutStoredAsync(missing, push.Answer, givingUp, lostAt);
        if (missing.Count == 0)
        {
            return;
        }

        if (push.Answer.IsTooLarge && push.Answer.MayBeAboutARecord)
        {
            await ShrinkAsync(push, givingUp);
        }
        else if (push.Answer.MayBeAboutAStream)
        {
            culprit.Search(push.Entries, push.Answer);
        }
        else if (push.Answer.Status == "error" && ++_brokenConnections >= MaxUnexplained)
        {
            // Instead of saying that a request is too large, a gateway may close the connection.
            _brokenConnections = 0;
            left.Halve(push.Entries, 1);
        }
    }

    /// <summary>The request was too large: this one and those that follow become smaller.</summary>
    public async Task ShrinkAsync(AnsweredPush push, CancellationToken givingUp)
    {
        if (push.Entries.Count == 1)
        {
            // The answer need not be about this record: it is dropped only as one that Loki can't digest.
            await BlameAsync(push, givingUp);
            return;
        }

        sender.CountFailure();
        culprit.Failed();
        long bytes = push.Entries.Sum(entry => (long)entry.Length);
        if (push.Answer.LimitBytes is not { } limit || limit > bytes)
        {
            left.Halve(push.Entries, 1);
            sender.MaxRequestBytes = Math.Min(Math.Max(left.MaxBytes, MinLearnedBytes), sender.MaxRequestBytes);
        }
        else
        {
            // Labels come on top.
            sender.MaxRequestBytes = limit * 9 / 10;
            left.MaxBytes = sender.MaxRequestBytes;
        }

        DeliveryEvents.TooLarge(services.Logger, push.Entries.Count, push.Answer.Status, push.Answer.Message);
        await services.BackOff.WaitAsync(services.BackOff.Bound(1), givingUp);
    }

    /// <summary>A single record was too large, or more than a rate limit's burst. The records behind it must not wait forever.</summary>
    private async Task BlameAsync(AnsweredPush push, CancellationToken givingUp)
    {
        if (!culprit.TryBlameStream(push.Entries, push.Answer) && await WaitAsync(push.Entries.Count, push.Answer, givingUp))
        {
            culprit.BlameRecord(push.Entries[0], push.Answer, haveOthersPassed: false);
        }
    }

    private void SayMisconfigured(PushAnswer answer) =>
        DeliveryEvents.Misconfigured(services.Logger, answer.Status, answer.Message, answer.Remedy, services.BackOff.Max.TotalSeconds);
}
