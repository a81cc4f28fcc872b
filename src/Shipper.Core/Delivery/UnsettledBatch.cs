using Shipper.Batching;
using Shipper.Loki;

namespace Shipper.Delivery;

/// <summary>
/// A batch of which Loki did not simply store everything, until each record of it is stored, dropped or gone back. Loki is asked for what an answer leaves open
/// before that is sent again. What can't pass as it is, is split.
/// </summary>
/// <remarks>One at a time for each lane; not thread-safe.</remarks>
internal sealed class UnsettledBatch
{
    private readonly Sender _sender;
    private readonly Batch _batch;
    private readonly LaneRequests _requests;
    private readonly BatchSlices _slices;
    private readonly OpenRecords _left;
    private readonly Confirmation _confirmation;
    private readonly Corrections _corrections;
    private readonly FailedRequests _failures;
    private readonly RefusedStreams _refused;

    /// <param name="sender">What sends.</param>
    /// <param name="services">The stage's.</param>
    /// <param name="batch">The batch.</param>
    /// <param name="requests">The lane's.</param>
    public UnsettledBatch(Sender sender, DeliveryServices services, Batch batch, LaneRequests requests)
    {
        _sender = sender;
        _batch = batch;
        _requests = requests;
        RequestLayout layout = requests.Arrange(batch);
        _slices = new BatchSlices(batch, layout);
        _left = new OpenRecords(services.Logger, _slices, layout, sender.MaxRequestBytes);
        _confirmation = new Confirmation(sender, services, _slices, _left);
        _corrections = new Corrections(sender, services, _slices, _left);
        _failures = new FailedRequests(sender, services, _left, _confirmation, new Culprit(sender, services, _slices, _left));
        _refused = new RefusedStreams(sender, layout, _left, _confirmation, _corrections, _failures);
    }

    /// <summary>Settles it.</summary>
    /// <param name="first">The answer to the whole batch; null if it was not sent yet since the agent started.</param>
    /// <param name="requestBytes">Bytes of that request, compressed.</param>
    /// <param name="givingUp">Gives up.</param>
    /// <exception cref="OperationCanceledException"><paramref name="givingUp"/> came first.</exception>
    public async Task<DeliveryOutcome> SettleAsync(PushAnswer? first, int requestBytes, CancellationToken givingUp)
    {
        if (first is { } answer)
        {
            await TakeAsync(new AnsweredPush(_left.All(), requestBytes, answer), givingUp);
        }
        else
        {
            List<BatchEntry> open = _left.All().FindAll(entry => entry.Run.IsLeftOpen);

            // Pushes of an earlier start were on their way before Loki's first answer to this one.
            await _confirmation.TakeOutStoredAsync(open, null, givingUp, open.Select(entry => entry.Run.Stream.Policy.LeftOpenMark).DefaultIfEmpty().Max());
            await TryMetadataAsync(givingUp);
        }

        return await GoOnAsync(givingUp);
    }

    /// <summary>Continues until everything is settled, or until new times have to be noted before they are sent.</summary>
    /// <param name="givingUp">Gives up.</param>
    /// <exception cref="OperationCanceledException"><paramref name="givingUp"/> came first.</exception>
    public async Task<DeliveryOutcome> GoOnAsync(CancellationToken givingUp)
    {
        while (_left.Count > 0)
        {
            if (_corrections.IsToBeNoted)
            {
                _corrections.IsToBeNoted = false;
                return new DeliveryOutcome([], IsTooNew: false, this);
            }

            await PushAsync(_left.Next(), givingUp);
        }

        return new DeliveryOutcome(_left.Refusals, _corrections.IsTooNew);
    }

    private async Task PushAsync(List<BatchEntry> request, CancellationToken givingUp)
    {
        ReadOnlyMemory<byte> body = _requests.Compress(_slices, request.ToArray());
        await TakeAsync(new AnsweredPush(request, body.Length, await _sender.PushAsync(body, _requests, givingUp)), givingUp);
    }

    /// <summary>While Loki does not allow structured metadata, a batch that was encoded with it is sent without. Now and then one record is sent with it, as a trial.</summary>
    private async Task TryMetadataAsync(CancellationToken givingUp)
    {
        if (_left.Count == 0 || _batch.OmitsMetadata || !_sender.Metadata.IsRefused)
        {
            return;
        }

        List<BatchEntry> all = _left.All();
        if (all.Find(_slices.HasMetadata) is { Length: > 0 } one && _sender.Metadata.TryBeginTrial())
        {
            await PushAsync([one], givingUp);
            if (_left.Refusals.Count == 0 && !_left.All().Exists(entry => entry.Run == one.Run && entry.Start == one.Start))
            {
                _sender.Metadata.Accept();
                return;
            }
        }

        _left.LeaveOutMetadata(_left.All());
    }

    /// <summary>What follows an answer: the table of DESIGN.md.</summary>
    private Task TakeAsync(AnsweredPush push, CancellationToken givingUp)
    {
        PushAnswer answer = push.Answer;
        LogStream? named = _refused.FindNamed(push);
        return answer.Verdict switch
        {
            PushVerdict.Stored => TakeStored(push),
            PushVerdict.Refused when _sender.IsPartlyBlocked && push.HasSeveralStreams => _refused.SeparateAsync(push, givingUp),
            PushVerdict.Refused when _corrections.TryTake(push.Entries, answer) => TakePassed(push),
            PushVerdict.StreamDropped when named is not null => _refused.TakeLateAsync(named, push, givingUp),
            PushVerdict.StreamRefused when named is not null || answer.RefusesNewStreams => _refused.RefuseAsync(named, push, givingUp),
            PushVerdict.StreamDropped or PushVerdict.StreamRefused => _refused.TakeUnnamedAsync(push, givingUp),
            PushVerdict.TooLarge => _failures.ShrinkAsync(push, givingUp),
            PushVerdict.UnreadableLabels => _failures.TakeUnreadableAsync(push, givingUp),
            PushVerdict.Blocked => _refused.TakeBlockedAsync(push, givingUp),
            PushVerdict.Misconfigured when !answer.MayBeAboutARecord => _failures.HoldAsync(answer, givingUp),
            PushVerdict.NotStored => _failures.RepeatAsync(push, givingUp),
            _ => _failures.LeaveOpenAsync(push, givingUp),
        };
    }

    private Task TakeStored(AnsweredPush push)
    {
        _left.Store(push.Entries);
        _sender.Times.Accepted();
        return TakePassed(push);
    }

    private Task TakePassed(AnsweredPush push)
    {
        _failures.Passed(push);
        return Task.CompletedTask;
    }
}
