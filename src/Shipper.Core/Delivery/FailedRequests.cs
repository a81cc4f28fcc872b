using Shipper.Loki;
using Shipper.Telemetry;

namespace Shipper.Delivery;

/// <summary>
/// Handles responses that say nothing about single records: waits, and sends the same records again or in smaller requests. Counts consecutive failures.
/// </summary>
/// <remarks>One instance per batch; not thread-safe.</remarks>
internal sealed class FailedRequests(Sender sender, DeliveryServices services, PendingRecords pending, Confirmation confirmation, PoisonSearch poisonSearch)
{
    /// <summary>Consecutive failures without a known reason before a request is split, or before the records of its only stream are dropped.</summary>
    private const int MaxUnexplained = 3;

    /// <summary>Lower bound in bytes of a request under a rate limit: no burst limit is smaller.</summary>
    private const int MinRateBytes = 1024;

    /// <summary>Lower bound in bytes of <see cref="Sender.MaxRequestBytes"/> if Loki does not say how large a request may be.</summary>
    private const int MinLearnedBytes = 64 * 1024;

    // Consecutive failures: all transient ones, those without a response, and those because labels can't be parsed.
    private int _failures;
    private int _brokenConnections;
    private int _unreadable;

    /// <summary>Counts a request that Loki accepted, at least in part.</summary>
    public void OnAccepted(AnsweredPush push)
    {
        sender.CountStored(push.Entries.Count, push.Bytes);
        _failures = 0;
        _brokenConnections = 0;
        _unreadable = 0;
        poisonSearch.OnAccepted();
        pending.Grow(sender.MaxRequestBytes);
    }

    /// <summary>Counts a transient failure, and waits.</summary>
    /// <returns>False if the whole batch was dropped because <c>loki.retry.limit</c> was reached.</returns>
    public async Task<bool> WaitAsync(int records, PushAnswer answer, CancellationToken givingUp)
    {
        _failures++;
        if (services.Options.Retry.Limit > 0 && _failures > services.Options.Retry.Limit && !services.BackOff.IsStopping)
        {
            pending.Drop(pending.All(), DropReasons.RetryLimit, answer);
            return false;
        }

        TimeSpan bound = services.BackOff.BoundAfter(_failures);
        sender.CountFailure();

        // If Loki keeps refusing everything, a single record is unlikely to be the reason.
        bool isMisconfigured = answer.Verdict == PushVerdict.Misconfigured && _failures >= MaxUnexplained;
        sender.Health.OnFailed(answer, records, isMisconfigured, bound, services.Options.Retry.Limit);
        await services.BackOff.WaitAsync(bound, givingUp);
        return true;
    }

    /// <summary>Holds everything until somebody changes the configuration: waits for the longest back-off. Then the same records are sent again.</summary>
    public async Task HoldAsync(PushAnswer answer, CancellationToken givingUp)
    {
        sender.CountFailure();
        sender.Health.OnFailed(answer, pending.Count, isMisconfigured: true, services.BackOff.Max, maxRetries: 0);
        await services.BackOff.WaitAsync(services.BackOff.Max, givingUp);
    }

    /// <summary>
    /// Handles a request that Loki did not store at all: waits. Then the same records are sent again, under a rate limit in smaller requests.
    /// </summary>
    public async Task RetryAsync(AnsweredPush push, CancellationToken givingUp)
    {
        if (push.Answer.IsTooLarge && push.Entries.Count == 1)
        {
            await BlameAsync(push, givingUp);
        }
        else if (await WaitAsync(push.Entries.Count, push.Answer, givingUp) && push.Answer.IsTooLarge && _failures > 1)
        {
            pending.Halve(push.Entries, MinRateBytes);
        }
    }

    /// <summary>Handles a request that was refused as a whole because the labels of one stream can't be parsed.</summary>
    public async Task HandleUnparsableLabelsAsync(AnsweredPush push, CancellationToken givingUp)
    {
        if (push.HasSeveralStreams)
        {
            // Send the other streams without it.
            pending.SeparatesStreams = true;
        }
        else if (++_unreadable >= MaxUnexplained)
        {
            pending.Drop(push.Entries, DropReasons.Refused, push.Answer);
            _unreadable = 0;
        }
        else
        {
            // The labels that the agent writes are valid. Something on the way may have damaged the request.
            await WaitAsync(push.Entries.Count, push.Answer, givingUp);
        }
    }

    /// <summary>Handles an unconfirmed request: asks Loki which of its records it has. The missing ones are sent again.</summary>
    public async Task HandleUnconfirmedAsync(AnsweredPush push, CancellationToken givingUp)
    {
        TimeSpan lostAt = sender.Client.GetMaxWorkingTime();
        if (poisonSearch.TryBlameStream(push.Entries, push.Answer) || !await WaitAsync(push.Entries.Count, push.Answer, givingUp))
        {
            return;
        }

        // Judge the request as it was sent, not only the missing records.
        List<BatchEntry> missing = [.. push.Entries];
        await confirmation.RemoveStoredAsync(missing, push.Answer, givingUp, lostAt);
        if (missing.Count == 0)
        {
            sender.Health.OnConfirmed();
            return;
        }

        if (push.Answer.IsTooLarge && push.Answer.MayConcernRecord)
        {
            await ShrinkAsync(push, givingUp);
        }
        else if (push.Answer.MayConcernStream)
        {
            poisonSearch.NarrowDown(push.Entries, push.Answer);
        }
        else if (push.Answer.Status == "error" && ++_brokenConnections >= MaxUnexplained)
        {
            // Instead of saying that a request is too large, a gateway may close the connection.
            _brokenConnections = 0;
            pending.Halve(push.Entries, 1);
        }
    }

    /// <summary>Handles a request that was too large: this one and the next ones become smaller.</summary>
    public async Task ShrinkAsync(AnsweredPush push, CancellationToken givingUp)
    {
        if (push.Entries.Count == 1)
        {
            // The response need not be about this record, so the record is dropped only if it keeps failing while others pass.
            await BlameAsync(push, givingUp);
            return;
        }

        sender.CountFailure();
        poisonSearch.OnFailed();
        long bytes = push.Entries.Sum(entry => (long)entry.Length);
        if (push.Answer.LimitBytes is not { } limit || limit > bytes)
        {
            pending.Halve(push.Entries, 1);
            sender.MaxRequestBytes = Math.Min(Math.Max(pending.MaxBytes, MinLearnedBytes), sender.MaxRequestBytes);
        }
        else
        {
            // Leave room for the labels, which these bytes don't include.
            sender.MaxRequestBytes = limit * 9 / 10;
            pending.MaxBytes = sender.MaxRequestBytes;
        }

        DeliveryEvents.TooLarge(services.Logger, push.Entries.Count, push.Answer.Status, push.Answer.Message);
        await services.BackOff.WaitAsync(services.BackOff.BoundAfter(1), givingUp);
    }

    /// <summary>Handles a single record that was too large, or larger than a rate limit's burst. The records after it must not wait forever.</summary>
    private async Task BlameAsync(AnsweredPush push, CancellationToken givingUp)
    {
        if (!poisonSearch.TryBlameStream(push.Entries, push.Answer) && await WaitAsync(push.Entries.Count, push.Answer, givingUp))
        {
            poisonSearch.BlameRecord(push.Entries[0], push.Answer, haveOthersPassed: false);
        }
    }
}
