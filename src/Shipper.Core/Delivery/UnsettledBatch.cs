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

    /// <summary>Under a rate limit a request is not made smaller, in bytes: no burst is.</summary>
    private const int MinRateBytes = 1024;

    /// <summary>Where it is not said how large a request may be, other batches do not begin with less, in bytes.</summary>
    private const int MinLearnedBytes = 64 * 1024;

    private readonly Sender _sender;
    private readonly DeliveryServices _services;
    private readonly Batch _batch;
    private readonly LaneRequests _requests;
    private readonly OpenRecords _left;
    private readonly Confirmation _confirmation;
    private readonly Culprit _culprit;
    private readonly Corrections _corrections;
    private int _requestBytes;

    // In a row, of any request; and where no answer came.
    private int _failures;
    private int _brokenConnections;

    // Failures in a row of a request with one stream, and answers in a row to requests of the same stream that name no stream of the request.
    private int _unreadable;
    private (LogStream? Stream, int Answers) _unnamed;

    /// <param name="sender">What sends.</param>
    /// <param name="services">The stage's.</param>
    /// <param name="batch">The batch.</param>
    /// <param name="requests">The lane's.</param>
    public UnsettledBatch(Sender sender, DeliveryServices services, Batch batch, LaneRequests requests)
    {
        _sender = sender;
        _services = services;
        _batch = batch;
        _requests = requests;
        _left = new OpenRecords(services.Logger, batch, sender.MaxRequestBytes);
        _confirmation = new Confirmation(sender, services, batch);
        _culprit = new Culprit(sender, services, batch, _left);
        _corrections = new Corrections(sender, services, batch, _left);
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

            // Pushes of an earlier start were on their way before Loki's first answer to this one.
            await ConfirmAsync(open, null, givingUp, open.Select(entry => entry.Run.Stream.LeftOpenMark).DefaultIfEmpty().Max());
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
        ReadOnlyMemory<byte> body = _requests.Compress(_batch, request.ToArray());
        _requestBytes = body.Length;
        await TakeAsync(await _sender.PushAsync(body, _requests, givingUp), request, givingUp);
    }

    /// <summary>While Loki does not allow structured metadata, a batch that was encoded with it is sent without. Now and then one record is sent with it, as a trial.</summary>
    private async Task TryMetadataAsync(CancellationToken givingUp)
    {
        if (_left.Count == 0 || _batch.OmitsMetadata || !_sender.Metadata.IsRefused)
        {
            return;
        }

        List<BatchEntry> all = _left.All();
        if (all.Find(_batch.HasMetadata) is { Length: > 0 } one && _sender.Metadata.TryBeginTrial())
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

    private async Task TakeAsync(PushAnswer answer, List<BatchEntry> request, CancellationToken givingUp)
    {
        LogStream? named = FindNamed(answer, request);
        switch (answer.Verdict)
        {
            case PushVerdict.Stored:
                _left.Store(request);
                _sender.Times.Accepted();
                Passed();
                break;
            case PushVerdict.Refused when _sender.IsPartlyBlocked && HasSeveralStreams(request):
                // The answer does not say which streams are blocked.
                _left.IsOneStream = true;
                await ConfirmAsync([.. request], answer, givingUp);
                break;
            case PushVerdict.Refused when _corrections.TryTake(request, answer):
                Passed();
                break;
            case PushVerdict.StreamDropped when named is not null:
                await TakeLateAsync(named, request, answer, givingUp);
                break;
            case PushVerdict.StreamRefused when named is not null || answer.RefusesNewStreams:
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
            case PushVerdict.UnreadableLabels when HasSeveralStreams(request):
                // The whole was refused for one: the others go without it.
                _left.IsOneStream = true;
                break;
            case PushVerdict.UnreadableLabels when ++_unreadable >= MaxServerErrors:
                _left.Drop(request, DropReasons.Refused, answer);
                _unreadable = 0;
                break;
            case PushVerdict.UnreadableLabels:
                // Ours can be read: once more, for something on the way may have spoilt the request.
                await FailAsync(request, answer, givingUp);
                break;
            case PushVerdict.Blocked:
                await TakeBlockedAsync(request, answer, givingUp);
                break;
            case PushVerdict.Misconfigured when !answer.MayBeAboutARecord:
                await HoldAsync(answer, givingUp);
                break;
            case PushVerdict.NotStored when answer.IsTooLarge && request.Count == 1:
                if (!_culprit.TryBlameStream(request, answer) && await FailAsync(request, answer, givingUp))
                {
                    // It may be more than the burst: what waits behind it is not to wait for ever.
                    _culprit.BlameRecord(request[0], answer, haveOthersPassed: false);
                }

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

    private static bool HasSeveralStreams(List<BatchEntry> request) => request.Exists(entry => entry.Run.Stream != request[0].Run.Stream);

    /// <summary>A request was taken, if only in part.</summary>
    private void Passed()
    {
        _sender.CountStored(_requestBytes);
        _failures = 0;
        _brokenConnections = 0;
        _unreadable = 0;
        _culprit.Passed();
        _left.Grow(_sender.MaxRequestBytes);
    }

    /// <summary>Nothing of the named stream was taken, or some of it: it goes back. Loki is asked for the others.</summary>
    private async Task RefuseAsync(LogStream? named, List<BatchEntry> request, PushAnswer answer, CancellationToken givingUp)
    {
        _sender.CountFailure();
        if (named is not null)
        {
            List<BatchEntry> own = request.FindAll(entry => entry.Run.Stream == named);
            if (answer.NamesShard || (answer.StreamError is { } error && error.Ignored < own.Count))
            {
                // Of the other shards it says nothing. Without stream sharding an ingester counts entry by entry.
                _left.MaybeStored(own);
            }

            _left.GoBack(named, answer);
        }

        List<BatchEntry> others = request.FindAll(entry => entry.Run.Stream != named);
        bool isAnswered = await ConfirmAsync(others, answer, givingUp);
        if (!answer.RefusesNewStreams || (named is not null && isAnswered))
        {
            return;
        }

        // Loki names the last of several, or none: when it takes no new stream, none of them can be believed.
        List<LogStream> streams = [.. others.Select(entry => entry.Run.Stream).Distinct()];
        List<LogStream> risky = streams.FindAll(stream => stream.Risk > 0 || (named is null && streams.Count == 1));
        risky.ForEach(stream => _left.GoBack(stream, answer));
        if (named is null && risky.Count == 0 && streams.Count > 0)
        {
            _left.IsOneStream = true;
            await FailAsync(others, answer, givingUp);
        }
    }

    /// <summary>An ingester has newer records of the named stream. Loki is asked for the others.</summary>
    private async Task TakeLateAsync(LogStream named, List<BatchEntry> request, PushAnswer answer, CancellationToken givingUp)
    {
        List<BatchEntry> own = request.FindAll(entry => entry.Run.Stream == named);
        if (_corrections.TryTakeLate(own, answer))
        {
            Passed();
            await ConfirmAsync(request.FindAll(entry => entry.Run.Stream != named), answer, givingUp);
            return;
        }

        List<BatchEntry> missing = [.. request];
        await ConfirmAsync(missing, answer, givingUp);
        _corrections.TakeLate(missing.FindAll(entry => entry.Run.Stream == named), answer);
    }

    /// <summary>Everything is held until somebody changes the configuration.</summary>
    private async Task HoldAsync(PushAnswer answer, CancellationToken givingUp)
    {
        _sender.CountFailure();
        DeliveryEvents.Misconfigured(_services.Logger, answer.Status, answer.Message, answer.Remedy, _services.BackOff.Max.TotalSeconds);
        await _services.BackOff.WaitAsync(_services.BackOff.Max, givingUp);
    }

    /// <summary>Ingestion is blocked for the tenant, or for some of its streams: these wait, and what was stored of the others is asked for.</summary>
    private async Task TakeBlockedAsync(List<BatchEntry> request, PushAnswer answer, CancellationToken givingUp)
    {
        _sender.CountBlocked();
        LogStream stream = request[0].Run.Stream;
        List<BatchEntry> missing = [.. request];
        bool isAnswered = await ConfirmAsync(missing, answer, givingUp);
        if (missing.Count == 0)
        {
            return;
        }

        if (!HasSeveralStreams(request) && (_left.IsOneStream || stream.Refusals > 0))
        {
            _sender.CountFailure();
            _left.GoBack(stream, answer);
        }
        else if (!isAnswered || missing.Count < request.Count)
        {
            _left.IsOneStream = true;
        }
        else
        {
            await HoldAsync(answer, givingUp);
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
            DeliveryEvents.Misconfigured(_services.Logger, answer.Status, answer.Message, answer.Remedy, _services.BackOff.Max.TotalSeconds);
        }

        // What follows judges the request as it was sent, not what is missing of it.
        List<BatchEntry> missing = [.. request];
        await ConfirmAsync(missing, answer, givingUp, lostAt);
        if (missing.Count == 0)
        {
            return;
        }

        if (answer.IsTooLarge && answer.MayBeAboutARecord)
        {
            await ShrinkAsync(request, answer, givingUp);
        }
        else if (answer.MayBeAboutAStream)
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

        DeliveryEvents.TooLarge(_services.Logger, request.Count, answer.Status, answer.Message);
        await _services.BackOff.WaitAsync(_services.BackOff.Bound(1), givingUp);
    }

    /// <summary>Counts a failure that can pass, and waits.</summary>
    /// <returns>False where the batch was dropped, because it failed as often as is allowed.</returns>
    private async Task<bool> FailAsync(List<BatchEntry> request, PushAnswer answer, CancellationToken givingUp)
    {
        _failures++;
        if (_services.Options.Retry.Limit > 0 && _failures > _services.Options.Retry.Limit && !_services.BackOff.IsStopping)
        {
            _left.Drop(_left.All(), DropReasons.RetryLimit, answer);
            return false;
        }

        TimeSpan bound = _services.BackOff.Bound(_failures);
        _sender.CountFailure();
        DeliveryEvents.Retrying(_services.Logger, request.Count, answer.Status, answer.Message, bound.TotalSeconds);
        await _services.BackOff.WaitAsync(bound, givingUp);
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
        List<BatchEntry> uncertain = open.FindAll(entry => _batch.Read(entry, out _, out _) < confirmed.CertainFromNs);
        _services.Metrics.PossibleDuplicates.Add(uncertain.Count);
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
