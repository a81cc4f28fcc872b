using Shipper.Batching;
using Shipper.Loki;
using Shipper.Telemetry;

namespace Shipper.Delivery;

/// <summary>
/// A batch of which Loki did not simply store everything, until each record of it is stored, dropped or gone back. What an answer leaves
/// open is asked for before it is sent again; what can't pass as it is, is split.
/// </summary>
/// <remarks>One at a time for each lane; not safe for concurrent use.</remarks>
internal sealed class UnsettledBatch
{
    /// <summary>Answers in a row, none of which tells the reason, before a request is split.</summary>
    private const int MaxServerErrors = 3;

    /// <summary>Under a rate limit a request is not made smaller, in bytes.</summary>
    private const int MinRateBytes = 16 * 1024;

    /// <summary>Where it is not said how large a request may be, other batches do not begin with less, in bytes.</summary>
    private const int MinLearnedBytes = 64 * 1024;

    private readonly Sender _sender;
    private readonly Batch _batch;
    private readonly LaneRequests _requests;
    private readonly OpenRecords _left;
    private readonly Confirmation _confirmation;
    private readonly Culprit _culprit;
    private bool _isTooNew;
    private int _requestBytes;

    // In a row, of any request; and where no answer came.
    private int _failures;
    private int _brokenConnections;

    // In a row, of a request with one stream; and answers in a row to requests of one and the same stream that name none of ours.
    private int _unreadable;
    private (LogStream? Stream, int Answers) _unnamed;

    /// <param name="sender">What sends.</param>
    /// <param name="batch">The batch.</param>
    /// <param name="requests">The lane's.</param>
    public UnsettledBatch(Sender sender, Batch batch, LaneRequests requests)
    {
        _sender = sender;
        _batch = batch;
        _requests = requests;
        _left = new OpenRecords(sender, batch);
        _confirmation = new Confirmation(sender, batch);
        _culprit = new Culprit(sender, batch, _left);
    }

    /// <summary>Settles it.</summary>
    /// <param name="first">The answer to the whole batch; null where it was not sent in this life.</param>
    /// <param name="requestBytes">Bytes of that request, compressed.</param>
    /// <param name="givingUp">Gives up.</param>
    /// <exception cref="OperationCanceledException"><paramref name="givingUp"/> came first.</exception>
    public async Task<DeliveryOutcome> SettleAsync(PushAnswer? first, int requestBytes, CancellationToken givingUp)
    {
        _requestBytes = requestBytes;
        if (first is { } answer)
        {
            await TakeAsync(answer, _left.All(), givingUp);
        }
        else
        {
            List<BatchEntry> open = _left.All().FindAll(entry => entry.Run.IsLeftOpen);

            // What an earlier life left open was under way before the first answer to this one.
            await ConfirmAsync(open, null, givingUp, open.Select(entry => entry.Run.Stream.LeftOpenMark).DefaultIfEmpty().Max());
        }

        while (_left.Count > 0)
        {
            List<BatchEntry> request = _left.Next();
            ReadOnlyMemory<byte> body = _requests.Compress(_batch, request.ToArray());
            _requestBytes = body.Length;
            await TakeAsync(await _sender.PushAsync(body, _requests, givingUp), request, givingUp);
        }

        return new DeliveryOutcome(_left.Refusals, _isTooNew);
    }

    private async Task TakeAsync(PushAnswer answer, List<BatchEntry> request, CancellationToken givingUp)
    {
        LogStream? named = FindNamed(answer, request);
        switch (answer.Verdict)
        {
            case PushVerdict.Stored:
                Store(request, 0, answer);
                break;
            case PushVerdict.Refused:
                _isTooNew |= answer.IsTooNew;
                Store(request, Math.Min(answer.RefusedRecords, request.Count), answer);
                break;
            case PushVerdict.StreamDropped when named is not null:
                List<BatchEntry> own = request.FindAll(entry => entry.Run.Stream == named);
                Store(own, Math.Min(answer.RefusedRecords, own.Count), answer);
                await ConfirmAsync(request.FindAll(entry => entry.Run.Stream != named), answer, givingUp);
                break;
            case PushVerdict.StreamRefused when named is not null:
                await RefuseAsync(named, request, answer, givingUp);
                break;
            case PushVerdict.StreamDropped or PushVerdict.StreamRefused:
                // None of ours, unless it says so again and again where only one can be meant.
                _left.IsOneStream = true;
                await LeaveOpenAsync(request, answer, givingUp);
                break;
            case PushVerdict.TooLarge:
                await ShrinkAsync(request, answer, givingUp);
                break;
            case PushVerdict.UnreadableLabels when request.Exists(entry => entry.Run.Stream != request[0].Run.Stream):
                // The whole was refused for one: the others go without it.
                _left.IsOneStream = true;
                break;
            case PushVerdict.UnreadableLabels when ++_unreadable >= MaxServerErrors:
                _left.Drop(request, request.Count, DropReasons.Refused, answer);
                _unreadable = 0;
                break;
            case PushVerdict.UnreadableLabels:
                // Ours can be read: once more, for something on the way may have spoilt the request.
                await FailAsync(request, answer, givingUp);
                break;
            case PushVerdict.Misconfigured when !answer.MayBeAboutARecord:
                _sender.CountFailure();
                DeliveryLog.Misconfigured(_sender.Logger, answer.Status, answer.Message, answer.Remedy, _sender.BackOff.Max.TotalSeconds);
                await _sender.BackOff.WaitAsync(_sender.BackOff.Max, givingUp);
                break;
            case PushVerdict.NotStored:
                if (await FailAsync(request, answer, givingUp) && answer.IsTooLarge && _failures > 1)
                {
                    _left.Halve(request, MinRateBytes);
                }

                break;
            default:
                await LeaveOpenAsync(request, answer, givingUp);
                break;
        }
    }

    private void Store(List<BatchEntry> entries, int refused, PushAnswer answer)
    {
        _left.Drop(entries, refused, DropReasons.Refused, answer);
        _left.MaybeStored(entries);
        _sender.CountStored(_requestBytes);
        _failures = 0;
        _brokenConnections = 0;
        _unreadable = 0;
        _culprit.Passed();
        _left.Grow(_sender.MaxRequestBytes);
    }

    /// <summary>Nothing of the named stream was taken, or nothing of one of its shards: it goes back. What became of the others is asked for.</summary>
    private async Task RefuseAsync(LogStream named, List<BatchEntry> request, PushAnswer answer, CancellationToken givingUp)
    {
        _sender.CountFailure();
        if (answer.NamesShard)
        {
            _left.MaybeStored(request.FindAll(entry => entry.Run.Stream == named));
        }

        _left.GoBack(named, answer);
        List<BatchEntry> others = request.FindAll(entry => entry.Run.Stream != named);
        if (!await ConfirmAsync(others, answer, givingUp) && answer.RefusesNewStreams)
        {
            // Loki names the last of several: where it takes no new stream, none of them can be believed.
            foreach (LogStream risky in others.Select(entry => entry.Run.Stream).Where(stream => stream.Risk > 0).Distinct().ToList())
            {
                _left.GoBack(risky, answer);
            }
        }
    }

    /// <summary>Loki may have any part of a request.</summary>
    private async Task LeaveOpenAsync(List<BatchEntry> request, PushAnswer answer, CancellationToken givingUp)
    {
        TimeSpan lostAt = _sender.Pulse.Mark();
        if (_culprit.TryBlameStream(request, answer))
        {
            return;
        }

        if (!await FailAsync(request, answer, givingUp))
        {
            return;
        }

        if (answer.Verdict == PushVerdict.Misconfigured && _failures >= MaxServerErrors)
        {
            // Nothing is taken, so it is hardly about a record.
            DeliveryLog.Misconfigured(_sender.Logger, answer.Status, answer.Message, answer.Remedy, _sender.BackOff.Max.TotalSeconds);
        }

        // What follows judges the request as it was sent, not what is missing of it.
        List<BatchEntry> missing = [.. request];
        await ConfirmAsync(missing, answer, givingUp, lostAt);
        if (missing.Count == 0)
        {
            return;
        }

        if (answer.IsTooLarge)
        {
            await ShrinkAsync(request, answer, givingUp);
        }
        else if (answer.MayBeAboutARecord)
        {
            _culprit.Search(request, answer);
        }
        else if (answer.Status == "error" && ++_brokenConnections >= MaxServerErrors)
        {
            // A gateway may close the connection where it would say that a request is too large.
            _brokenConnections = 0;
            _left.Halve(request, 1);
        }
    }

    /// <summary>The request has to be smaller, and those that follow.</summary>
    private async Task ShrinkAsync(List<BatchEntry> request, PushAnswer answer, CancellationToken givingUp)
    {
        if (request.Count == 1)
        {
            // What it says need not be about this record: it is dropped as one that Loki can't digest is.
            if (!_culprit.TryBlameStream(request, answer) && await FailAsync(request, answer, givingUp))
            {
                _culprit.BlameRecord(request[0], answer, haveOthersPassed: false);
            }

            return;
        }

        _sender.CountFailure();
        _culprit.Failed();
        long bytes = request.Sum(entry => (long)entry.Length);
        if (answer.LimitBytes is not { } limit || limit > bytes)
        {
            _left.Halve(request, 1);
            _sender.MaxRequestBytes = Math.Min(Math.Max(_left.MaxBytes, MinLearnedBytes), _sender.MaxRequestBytes);
        }
        else
        {
            // Labels come on top.
            _sender.MaxRequestBytes = limit * 9 / 10;
            _left.MaxBytes = _sender.MaxRequestBytes;
        }

        DeliveryLog.TooLarge(_sender.Logger, request.Count, answer.Status, answer.Message);
        await _sender.BackOff.WaitAsync(_sender.BackOff.Bound(1), givingUp);
    }

    /// <summary>Counts a failure that can pass, and waits.</summary>
    /// <returns>False where the batch was dropped, because it failed as often as is allowed.</returns>
    private async Task<bool> FailAsync(List<BatchEntry> request, PushAnswer answer, CancellationToken givingUp)
    {
        _failures++;
        if (_sender.Options.Retry.Limit > 0 && _failures > _sender.Options.Retry.Limit && !_sender.BackOff.IsHurried)
        {
            _left.Drop(_left.All(), _left.Count, DropReasons.RetryLimit, answer);
            return false;
        }

        TimeSpan bound = _sender.BackOff.Bound(_failures);
        _sender.CountFailure();
        DeliveryLog.Retrying(_sender.Logger, request.Count, answer.Status, answer.Message, bound.TotalSeconds);
        await _sender.BackOff.WaitAsync(bound, givingUp);
        return true;
    }

    /// <summary>Takes out what Loki has of some records. What is missing stays, to be sent again.</summary>
    /// <returns>False where Loki could not be asked.</returns>
    private async Task<bool> ConfirmAsync(List<BatchEntry> open, PushAnswer? answer, CancellationToken givingUp, TimeSpan? lostAt = null)
    {
        if (open.Count == 0)
        {
            return true;
        }

        ConfirmedRecords confirmed = await _confirmation.ConfirmAsync(open, answer, lostAt ?? _sender.Pulse.Mark(), givingUp);
        _left.Store(confirmed.Found);
        open.RemoveAll(confirmed.Found.Contains);
        List<BatchEntry> uncertain = open.FindAll(entry => PushRequestReader.ReadEntry(_batch.BytesOf(entry), out _) < confirmed.CertainFromNs);
        _sender.Metrics.PossibleDuplicates.Add(uncertain.Count);
        _left.MaybeStored(uncertain);
        return confirmed.IsAnswered;
    }

    /// <summary>
    /// The stream of a request that an answer names: the only one, where it names another again and again. Null where that can't be told.
    /// </summary>
    private LogStream? FindNamed(PushAnswer answer, List<BatchEntry> request)
    {
        LogStream? named = answer.Stream is null ? null : request.Select(entry => entry.Run).Distinct().FirstOrDefault(run => answer.Names(run.Attributes.Labels.Selector))?.Stream;
        LogStream? meant = answer.Stream is not null && named is null && _left.IsOneStream ? request[0].Run.Stream : null;
        _unnamed = (meant, meant is not null && meant == _unnamed.Stream ? _unnamed.Answers + 1 : 1);
        return _unnamed.Answers >= MaxServerErrors ? meant : named;
    }
}
