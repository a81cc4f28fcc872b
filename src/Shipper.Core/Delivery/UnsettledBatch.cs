using Shipper.Batching;
using Shipper.Loki;
using Shipper.Telemetry;

namespace Shipper.Delivery;

/// <summary>
/// A batch of which Loki did not simply store everything, until each record of it is stored, dropped or gone back. What an answer leaves
/// open is asked for before it is sent again; what can't pass as it is, is split.
/// </summary>
/// <remarks>One at a time for each lane; not safe for concurrent use.</remarks>
internal sealed class UnsettledBatch(Sender sender, Batch batch, LaneRequests requests)
{
    /// <summary>Answers in a row, none of which tells the reason, before a request is split.</summary>
    private const int MaxServerErrors = 3;

    /// <summary>Refusals of a single record, between which Loki took others, before it is dropped.</summary>
    private const int MaxErrorsAlone = 10;

    /// <summary>Where Loki took something so lately, it is not down.</summary>
    private static readonly TimeSpan RecentTime = TimeSpan.FromSeconds(5);

    /// <summary>Under a rate limit a request is not made smaller, in bytes.</summary>
    private const int MinRateBytes = 16 * 1024;

    /// <summary>Where it is not said how large a request may be, other batches do not begin with less, in bytes.</summary>
    private const int MinLearnedBytes = 64 * 1024;

    private readonly OpenRecords _left = new(sender, batch);
    private readonly Confirmation _confirmation = new(sender, batch);
    private long _maxBytes = sender.MaxRequestBytes;
    private bool _isOneStream;
    private bool _isTooNew;
    private int _requestBytes;

    // In a row, of any request; those of the present one; and when the last was.
    private int _failures;
    private int _serverErrors;
    private long? _failedAt;

    // The stream that failed last while others passed.
    private LogStream? _suspect;

    // In a row, of a request with one stream; and answers that name none of ours.
    private int _unreadable;
    private int _unnamed;

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
            await ConfirmAsync(open, null, givingUp, open.Select(entry => entry.Run.Stream.LeftOpenAt).Append(sender.StartedAt).Max());
        }

        while (_left.Count > 0)
        {
            List<BatchEntry> request = _left.Next(_maxBytes, _isOneStream);
            ReadOnlyMemory<byte> body = requests.Compress(batch, request.ToArray());
            _requestBytes = body.Length;
            await TakeAsync(await sender.PushAsync(body, requests, givingUp), request, givingUp);
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
                _isOneStream = true;
                await LeaveOpenAsync(request, answer, givingUp);
                break;
            case PushVerdict.TooLarge:
                await ShrinkAsync(request, answer, givingUp);
                break;
            case PushVerdict.UnreadableLabels when request.Exists(entry => entry.Run.Stream != request[0].Run.Stream):
                // The whole was refused for one: the others go without it.
                _isOneStream = true;
                break;
            case PushVerdict.UnreadableLabels when ++_unreadable >= MaxServerErrors:
                _left.Drop(request, request.Count, DropReasons.Refused, answer);
                _unreadable = 0;
                break;
            case PushVerdict.UnreadableLabels:
                // Ours can be read: once more, for something on the way may have spoilt the request.
                await FailAsync(request, answer, givingUp);
                break;
            case PushVerdict.Misconfigured when answer.MayBeAboutARecord:
                DeliveryLog.Misconfigured(sender.Logger, answer.Status, answer.Message, answer.Remedy, sender.BackOff.Max.TotalSeconds);
                await LeaveOpenAsync(request, answer, givingUp);
                break;
            case PushVerdict.Misconfigured:
                sender.CountFailure();
                DeliveryLog.Misconfigured(sender.Logger, answer.Status, answer.Message, answer.Remedy, sender.BackOff.Max.TotalSeconds);
                await sender.BackOff.WaitAsync(sender.BackOff.Max, givingUp);
                break;
            case PushVerdict.NotStored:
                if (await FailAsync(request, answer, givingUp) && answer.IsTooLarge && _failures > 1)
                {
                    Halve(request, MinRateBytes);
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
        sender.CountStored(_requestBytes);
        _failures = 0;
        _serverErrors = 0;
        _unreadable = 0;
        _maxBytes = Math.Min(_maxBytes > int.MaxValue ? _maxBytes : _maxBytes * 2, sender.MaxRequestBytes);
    }

    /// <summary>Nothing of the named stream was taken: it goes back. What became of the others is asked for.</summary>
    private async Task RefuseAsync(LogStream named, List<BatchEntry> request, PushAnswer answer, CancellationToken givingUp)
    {
        sender.CountFailure();
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
        long lostAt = sender.Time.GetTimestamp();
        if (TryBlameStream(request, answer))
        {
            return;
        }

        if (!await FailAsync(request, answer, givingUp))
        {
            return;
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
            Search(request, answer);
        }
        else if (answer.Status == "error" && ++_serverErrors >= MaxServerErrors)
        {
            // A gateway may close the connection where it would say that a request is too large.
            _serverErrors = 0;
            Halve(request, 1);
        }
    }

    /// <summary>
    /// Nothing tells whether Loki is down, or cannot digest something of a request: others are tried, and smaller ones, until one is taken.
    /// </summary>
    private void Search(List<BatchEntry> request, PushAnswer answer)
    {
        bool isAgain = ++_serverErrors > 1;
        if (request.Exists(entry => entry.Run.Stream != request[0].Run.Stream))
        {
            _isOneStream |= isAgain;
        }
        else if (request.Count == 1)
        {
            BlameRecord(request[0], answer, haveOthersPassed: false);
        }
        else if (!_left.TryPutLast(request[0].Run.Stream) && isAgain)
        {
            Halve(request, 1);
        }
    }

    /// <summary>
    /// Where Loki takes others, it is not down: one of the streams of a request is the reason that it fails, and goes back to wait by itself.
    /// </summary>
    /// <returns>False where the reason may be another.</returns>
    private bool TryBlameStream(List<BatchEntry> request, PushAnswer answer)
    {
        LogStream stream = request[0].Run.Stream;
        long now = sender.Time.GetTimestamp();
        long recent = now - (long)(RecentTime.TotalSeconds * sender.Time.TimestampFrequency);
        long failedBefore = _failedAt is { } failedAt ? Math.Min(failedAt, recent) : stream.Refusals > 0 ? stream.LeftOpenAt : recent;
        _failedAt = now;
        if (!answer.MayBeAboutARecord || (answer.IsTooLarge && request.Count > 1) || sender.Options.Retry.Limit > 0 || (stream != _suspect && !sender.HasStoredSince(failedBefore)))
        {
            return false;
        }

        if (request.Exists(entry => entry.Run.Stream != stream))
        {
            _isOneStream = true;
            return false;
        }

        if (request.Count > 1 && stream.Refusals == 0 && stream != _suspect)
        {
            // Once may be chance.
            _suspect = stream;
            return false;
        }

        sender.CountFailure();
        if (request.Count == 1)
        {
            BlameRecord(request[0], answer, haveOthersPassed: true);
        }
        else
        {
            GoBackFailed(stream, request, answer);
        }

        return true;
    }

    /// <summary>A single record fails: it is dropped where others pass again and again, and its stream goes back where nothing else can be tried.</summary>
    private void BlameRecord(BatchEntry record, PushAnswer answer, bool haveOthersPassed)
    {
        LogStream stream = record.Run.Stream;
        LoneRecord lone = stream.Lone ??= new LoneRecord();
        lone.Fail(batch.BytesOf(record), haveOthersPassed);
        if (lone.OthersPassed >= MaxErrorsAlone)
        {
            stream.Lone = null;
            _left.Drop([record], 1, DropReasons.Refused, answer);
            return;
        }

        if (lone.Errors == 1)
        {
            DeliveryLog.RefusedAlone(sender.Logger, record.Length, record.Run.Attributes.Labels.Selector, answer.Status, answer.Message, MaxErrorsAlone);
        }

        if (haveOthersPassed)
        {
            // When it is read again, it comes by itself.
            stream.MaxRequestBytes = 1;
            GoBackFailed(stream, [record], answer);
        }
        else if (!_left.TryPutLast(stream) && lone.Errors >= MaxErrorsAlone)
        {
            // What waits behind this batch may tell.
            GoBackFailed(stream, [record], answer);
        }
    }

    private void GoBackFailed(LogStream stream, List<BatchEntry> request, PushAnswer answer)
    {
        if (answer.Verdict != PushVerdict.TooLarge)
        {
            _left.MaybeStored(request);
        }

        _left.GoBack(stream, answer);
    }

    /// <summary>The request has to be smaller, and those that follow.</summary>
    private async Task ShrinkAsync(List<BatchEntry> request, PushAnswer answer, CancellationToken givingUp)
    {
        if (request.Count == 1)
        {
            // What it says need not be about this record: it is dropped as one that Loki can't digest is.
            if (!TryBlameStream(request, answer) && await FailAsync(request, answer, givingUp))
            {
                BlameRecord(request[0], answer, haveOthersPassed: false);
            }

            return;
        }

        sender.CountFailure();
        _failedAt = sender.Time.GetTimestamp();
        long bytes = request.Sum(entry => (long)entry.Length);
        if (answer.LimitBytes is not { } limit || limit > bytes)
        {
            Halve(request, 1);
            sender.MaxRequestBytes = Math.Min(Math.Max(_maxBytes, MinLearnedBytes), sender.MaxRequestBytes);
        }
        else
        {
            // Labels come on top.
            sender.MaxRequestBytes = limit * 9 / 10;
            _maxBytes = sender.MaxRequestBytes;
        }

        DeliveryLog.TooLarge(sender.Logger, request.Count, answer.Status, answer.Message);
        await sender.BackOff.WaitAsync(sender.BackOff.Bound(1), givingUp);
    }

    private void Halve(List<BatchEntry> request, int minBytes) => _maxBytes = Math.Max(request.Sum(entry => (long)entry.Length) / 2, minBytes);

    /// <summary>Counts a failure that can pass, and waits.</summary>
    /// <returns>False where the batch was dropped, because it failed as often as is allowed.</returns>
    private async Task<bool> FailAsync(List<BatchEntry> request, PushAnswer answer, CancellationToken givingUp)
    {
        _failures++;
        if (sender.Options.Retry.Limit > 0 && _failures > sender.Options.Retry.Limit && !sender.BackOff.IsHurried)
        {
            _left.Drop(_left.All(), _left.Count, DropReasons.RetryLimit, answer);
            return false;
        }

        TimeSpan bound = sender.BackOff.Bound(_failures);
        sender.CountFailure();
        DeliveryLog.Retrying(sender.Logger, request.Count, answer.Status, answer.Message, bound.TotalSeconds);
        await sender.BackOff.WaitAsync(bound, givingUp);
        return true;
    }

    /// <summary>Takes out what Loki has of some records. What is missing stays, to be sent again.</summary>
    /// <returns>False where Loki could not be asked.</returns>
    private async Task<bool> ConfirmAsync(List<BatchEntry> open, PushAnswer? answer, CancellationToken givingUp, long? lostAt = null)
    {
        if (open.Count == 0)
        {
            return true;
        }

        ConfirmedRecords confirmed = await _confirmation.ConfirmAsync(open, answer, lostAt ?? sender.Time.GetTimestamp(), givingUp);
        _left.Store(confirmed.Found);
        open.RemoveAll(confirmed.Found.Contains);
        List<BatchEntry> uncertain = open.FindAll(entry => PushRequestReader.ReadEntry(batch.BytesOf(entry), out _) < confirmed.CertainFromNs);
        sender.Metrics.PossibleDuplicates.Add(uncertain.Count);
        _left.MaybeStored(uncertain);
        return confirmed.IsAnswered;
    }

    /// <summary>
    /// The stream of a request that an answer names: the only one, where it names another again and again. Null where that can't be told.
    /// </summary>
    private LogStream? FindNamed(PushAnswer answer, List<BatchEntry> request)
    {
        if (answer.Stream is null)
        {
            return null;
        }

        LogStream? named = request.Select(entry => entry.Run).Distinct().FirstOrDefault(run => answer.Names(run.Attributes.Labels.Selector))?.Stream;
        _unnamed = named is null && _isOneStream ? _unnamed + 1 : 0;
        return _unnamed >= MaxServerErrors ? request[0].Run.Stream : named;
    }
}
