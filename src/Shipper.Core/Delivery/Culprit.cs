using Shipper.Batching;
using Shipper.Loki;
using Shipper.Records;
using Shipper.Telemetry;

namespace Shipper.Delivery;

/// <summary>
/// Finds out what of a batch makes requests fail that are refused as a whole without a reason that tells: Loki may be down, or there is one record that it
/// can't digest. What it takes meanwhile, of whatever lane, tells which.
/// </summary>
/// <remarks>Not safe for concurrent use.</remarks>
internal sealed class Culprit(Sender sender, DeliveryServices services, BatchSlices slices, OpenRecords open)
{
    /// <summary>Refusals of a single record, between which Loki took others, before it is dropped.</summary>
    private const int MaxErrorsAlone = 10;

    /// <summary>Some of Loki's ingesters may be down, those of this stream: for so long an answer 500 costs no record.</summary>
    private static readonly TimeSpan MinServerErrorTime = TimeSpan.FromHours(1);

    /// <summary>Where Loki took something so lately, it is not down.</summary>
    private static readonly TimeSpan RecentTime = TimeSpan.FromSeconds(5);

    // In a row, of requests of which none was taken; and when the last was.
    private int _errors;
    private long? _failedAt;

    // Those that failed alone since requests were made smaller.
    private readonly HashSet<LogStream> _failedStreams = [];

    // The stream that failed last while others passed.
    private LogStream? _suspect;

    /// <summary>A request was taken.</summary>
    public void Passed()
    {
        _errors = 0;
        _failedStreams.Clear();
    }

    /// <summary>One failed for a reason that is known.</summary>
    public void Failed() => _failedAt = services.Time.GetTimestamp();

    /// <summary>
    /// Nothing tells whether Loki is down, or cannot digest something of a request: others are tried, and smaller ones, until one is taken.
    /// </summary>
    public void Search(List<BatchEntry> request, PushAnswer answer)
    {
        bool isAgain = ++_errors > 1;
        if (request.Exists(entry => entry.Run.Stream != request[0].Run.Stream))
        {
            open.IsOneStream |= isAgain;
        }
        else if (request.Count == 1)
        {
            BlameRecord(request[0], answer, haveOthersPassed: false);
        }
        else
        {
            // If there are several streams, each has its turn before all are split.
            if (open.TryPutLast(request[0].Run.Stream) ? !_failedStreams.Add(request[0].Run.Stream) : isAgain)
            {
                _failedStreams.Clear();
                open.Halve(request, 1);
            }
        }
    }

    /// <summary>
    /// Where Loki takes others, it is not down: one of the streams of a request is the reason that it fails, and goes back to wait by itself.
    /// </summary>
    /// <returns>False if the reason may be another.</returns>
    public bool TryBlameStream(List<BatchEntry> request, PushAnswer answer)
    {
        LogStream stream = request[0].Run.Stream;
        long now = services.Time.GetTimestamp();
        long recent = now - services.Time.TimestampUnits(RecentTime);
        long failedBefore = _failedAt is { } failedAt ? Math.Min(failedAt, recent) : stream.Policy.Refusals > 0 ? stream.Policy.RefusedAt : recent;
        _failedAt = now;
        if (!answer.MayBeAboutAStream || (answer.IsTooLarge && request.Count > 1) || services.Options.Retry.Limit > 0 || (stream != _suspect && !sender.HasStoredSince(failedBefore)))
        {
            return false;
        }

        if (request.Exists(entry => entry.Run.Stream != stream))
        {
            open.IsOneStream = true;
            return false;
        }

        if (request.Count > 1 && stream.Policy.Refusals == 0 && stream != _suspect)
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

    /// <summary>
    /// A single record fails: it is dropped if others pass again and again, unless there is only too much of everything; and its stream goes back if nothing else can be tried.
    /// </summary>
    public void BlameRecord(BatchEntry record, PushAnswer answer, bool haveOthersPassed)
    {
        LogStream stream = record.Run.Stream;
        LoneRecord lone = stream.Policy.Lone ??= new LoneRecord();
        lone.Fail(slices.BytesOf(record), services.Time.GetTimestamp(), haveOthersPassed);
        if (lone.OthersPassed >= MaxErrorsAlone && answer.MayBeAboutARecord && (answer.Status != "500" || services.Time.GetElapsedTime(lone.FirstAt) >= MinServerErrorTime))
        {
            stream.Policy.Lone = null;
            open.Drop([record], DropReasons.Refused, answer);
            return;
        }

        if (lone.Errors == 1 && answer.MayBeAboutARecord)
        {
            DeliveryEvents.RefusedAlone(services.Logger, record.Length, record.Run.Attributes.Labels.Selector, answer.Status, answer.Message, MaxErrorsAlone);
        }

        if (haveOthersPassed)
        {
            // When it is read again, it comes by itself.
            stream.Policy.SendOneByOne();
            GoBackFailed(stream, [record], answer);
        }
        else if (!open.TryPutLast(stream) && lone.Errors >= MaxErrorsAlone)
        {
            // What waits behind this batch may tell.
            GoBackFailed(stream, [record], answer);
        }
    }

    private void GoBackFailed(LogStream stream, List<BatchEntry> request, PushAnswer answer)
    {
        if (answer.Verdict is not (PushVerdict.TooLarge or PushVerdict.NotStored))
        {
            open.MaybeStored(request);
        }

        open.GoBack(stream, answer);
    }
}
