using Shipper.Batching;
using Shipper.Loki;

namespace Shipper.Delivery;

/// <summary>
/// Settles a batch that Loki did not store as a whole: each record ends up stored, dropped, or to be read again. Loki is asked for unconfirmed records before
/// they are sent again. Requests that can't succeed as a whole are split.
/// </summary>
/// <remarks>One at a time per lane; not thread-safe.</remarks>
internal sealed class UnsettledBatch
{
    private readonly Sender _sender;
    private readonly Batch _batch;
    private readonly RequestBuffers _requests;
    private readonly BatchSlices _slices;
    private readonly PendingRecords _pending;
    private readonly Confirmation _confirmation;
    private readonly Corrections _corrections;
    private readonly FailedRequests _failures;
    private readonly RefusedStreams _refused;

    public UnsettledBatch(Sender sender, DeliveryServices services, Batch batch, RequestBuffers requests)
    {
        _sender = sender;
        _batch = batch;
        _requests = requests;
        RequestLayout layout = requests.Arrange(batch);
        _slices = new BatchSlices(batch, layout);
        _pending = new PendingRecords(services.Logger, _slices, layout, sender.MaxRequestBytes);
        _confirmation = new Confirmation(sender, services, _slices, _pending);
        _corrections = new Corrections(sender, services, _slices, _pending);
        _failures = new FailedRequests(sender, services, _pending, _confirmation, new PoisonSearch(sender, services, _slices, _pending));
        _refused = new RefusedStreams(sender, layout, _pending, _confirmation, _corrections, _failures);
    }

    /// <summary>Settles the batch.</summary>
    /// <param name="first">The response to a request with the whole batch; null if there was no such request.</param>
    /// <param name="requestBytes">Compressed size of that request in bytes.</param>
    /// <exception cref="OperationCanceledException"><paramref name="givingUp"/> was canceled.</exception>
    public async Task<DeliveryOutcome> SettleAsync(PushAnswer? first, int requestBytes, CancellationToken givingUp)
    {
        if (first is { } answer)
        {
            await HandleResponseAsync(new AnsweredPush(_pending.All(), requestBytes, answer), givingUp);
        }
        else
        {
            List<BatchEntry> unconfirmed = _pending.All().FindAll(entry => entry.Run.IsUnconfirmed);

            // Pushes from before this start were in flight before Loki's first response to this agent.
            await _confirmation.RemoveStoredAsync(
                unconfirmed, null, givingUp, unconfirmed.Select(entry => entry.Run.Stream.Policy.UnconfirmedWorkingTime).DefaultIfEmpty().Max());
            await TryMetadataAsync(givingUp);
        }

        return await ContinueAsync(givingUp);
    }

    /// <summary>Continues until everything is settled, or until the checkpoint must get new times before the records are sent.</summary>
    /// <exception cref="OperationCanceledException"><paramref name="givingUp"/> was canceled.</exception>
    public async Task<DeliveryOutcome> ContinueAsync(CancellationToken givingUp)
    {
        while (_pending.Count > 0)
        {
            if (_corrections.HasUnsavedTimes)
            {
                _corrections.HasUnsavedTimes = false;
                return new DeliveryOutcome([], HasTooNew: false, this);
            }

            await PushAsync(_pending.NextRequest(), givingUp);
        }

        return new DeliveryOutcome(_pending.Refusals, _corrections.HasTooNew);
    }

    private async Task PushAsync(List<BatchEntry> request, CancellationToken givingUp)
    {
        ReadOnlyMemory<byte> body = _requests.Compress(_slices, request.ToArray());
        await HandleResponseAsync(new AnsweredPush(request, body.Length, await _sender.PushAsync(body, _requests, givingUp)), givingUp);
    }

    /// <summary>
    /// Removes the metadata of a batch that was encoded with it while Loki does not allow any. When a trial is due, one record is sent with its metadata first.
    /// </summary>
    private async Task TryMetadataAsync(CancellationToken givingUp)
    {
        if (_pending.Count == 0 || _batch.OmitsMetadata || !_sender.Metadata.IsRefused)
        {
            return;
        }

        List<BatchEntry> all = _pending.All();
        if (all.Find(_slices.HasMetadata) is { Length: > 0 } one && _sender.Metadata.TryBeginTrial())
        {
            await PushAsync([one], givingUp);
            if (_pending.Refusals.Count == 0 && !_pending.All().Exists(entry => entry.Run == one.Run && entry.Start == one.Start))
            {
                _sender.Metadata.OnAccepted();
                return;
            }
        }

        _pending.OmitMetadata(_pending.All());
    }

    /// <summary>Handles a response as the table in DESIGN.md says.</summary>
    private Task HandleResponseAsync(AnsweredPush push, CancellationToken givingUp)
    {
        PushAnswer answer = push.Answer;
        LogStream? named = _refused.FindNamed(push);
        return answer.Verdict switch
        {
            PushVerdict.Stored => OnStored(push),
            PushVerdict.EntriesRefused when _sender.IsPartlyBlocked && push.HasSeveralStreams => _refused.SeparateAsync(push, givingUp),
            PushVerdict.EntriesRefused when _corrections.TryHandleRefused(push.Entries, answer) => OnAccepted(push),
            PushVerdict.StreamEntriesRefused when named is not null => _refused.HandleLateAsync(named, push, givingUp),
            PushVerdict.StreamRefused when named is not null || answer.RefusesNewStreams => _refused.HandleRefusedAsync(named, push, givingUp),
            PushVerdict.StreamEntriesRefused or PushVerdict.StreamRefused => _refused.HandleUnnamedAsync(push, givingUp),
            PushVerdict.TooLarge => _failures.ShrinkAsync(push, givingUp),
            PushVerdict.UnreadableLabels => _failures.HandleUnparsableLabelsAsync(push, givingUp),
            PushVerdict.Blocked => _refused.HandleBlockedAsync(push, givingUp),
            PushVerdict.Misconfigured when !answer.MayConcernRecord => _failures.HoldAsync(answer, givingUp),
            PushVerdict.NotStored => _failures.RetryAsync(push, givingUp),
            _ => _failures.HandleUnconfirmedAsync(push, givingUp),
        };
    }

    private Task OnStored(AnsweredPush push)
    {
        _pending.RemoveStored(push.Entries);
        _sender.Times.OnAccepted();
        return OnAccepted(push);
    }

    private Task OnAccepted(AnsweredPush push)
    {
        _failures.OnAccepted(push);
        return Task.CompletedTask;
    }
}
