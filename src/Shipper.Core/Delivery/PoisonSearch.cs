using Shipper.Batching;
using Shipper.Loki;
using Shipper.Records;
using Shipper.Telemetry;

namespace Shipper.Delivery;

/// <summary>
/// Finds the cause when Loki refuses whole requests without a clear reason: Loki may be down, or it may be unable to process one record. If it accepts other
/// requests in the meantime, from any lane, it is not down.
/// </summary>
/// <remarks>Not thread-safe.</remarks>
internal sealed class PoisonSearch(Sender sender, DeliveryServices services, BatchSlices slices, PendingRecords pending)
{
    /// <summary>Refusals after which a single record is dropped. A refusal counts only if Loki has accepted other records since the previous one.</summary>
    private const int MaxErrorsAlone = 10;

    /// <summary>Minimum time before a record is dropped because of a 500: the ingesters of its stream may be down.</summary>
    private static readonly TimeSpan MinServerErrorTime = TimeSpan.FromHours(1);

    /// <summary>If Loki accepted something this recently, it is not down.</summary>
    private static readonly TimeSpan RecentTime = TimeSpan.FromSeconds(5);

    // Consecutive failures with no accepted request between them, and the time of the last one.
    private int _errors;
    private long? _failedAt;

    // Streams that were put last after a failure, since requests were last made smaller.
    private readonly HashSet<LogStream> _failedStreams = [];

    // The stream that failed last while Loki accepted others.
    private LogStream? _suspect;

    /// <summary>Notes that Loki accepted a request.</summary>
    public void OnAccepted()
    {
        _errors = 0;
        _failedStreams.Clear();
    }

    /// <summary>Notes that a request failed for a known reason.</summary>
    public void OnFailed() => _failedAt = services.Time.GetTimestamp();

    /// <summary>
    /// Decides what to send next if Loki may be down, or may be unable to process a part of the request: other streams first, then smaller requests, until one
    /// is accepted.
    /// </summary>
    public void NarrowDown(List<BatchEntry> request, PushAnswer answer)
    {
        bool isAgain = ++_errors > 1;
        if (request.Exists(entry => entry.Run.Stream != request[0].Run.Stream))
        {
            pending.SeparatesStreams |= isAgain;
        }
        else if (request.Count == 1)
        {
            BlameRecord(request[0], answer, haveOthersPassed: false);
        }
        else
        {
            // If there are several streams, each gets its turn before requests are split.
            if (pending.TryMoveToEnd(request[0].Run.Stream) ? !_failedStreams.Add(request[0].Run.Stream) : isAgain)
            {
                _failedStreams.Clear();
                pending.Halve(request, 1);
            }
        }
    }

    /// <summary>
    /// Blames one stream of a failed request if Loki accepts other requests, and therefore is not down. Only that stream is rewound and waits.
    /// </summary>
    /// <returns>False if the stream is not to blame, or not yet known to be.</returns>
    public bool TryBlameStream(List<BatchEntry> request, PushAnswer answer)
    {
        LogStream stream = request[0].Run.Stream;
        long now = services.Time.GetTimestamp();
        long recent = now - services.Time.ToTimestampUnits(RecentTime);
        long failedBefore = _failedAt is { } failedAt ? Math.Min(failedAt, recent) : stream.Policy.Refusals > 0 ? stream.Policy.RefusedAt : recent;
        _failedAt = now;
        if (!answer.MayConcernStream || (answer.IsTooLarge && request.Count > 1) || services.Options.Retry.Limit > 0 || (stream != _suspect && !sender.HasStoredSince(failedBefore)))
        {
            return false;
        }

        if (request.Exists(entry => entry.Run.Stream != stream))
        {
            pending.SeparatesStreams = true;
            return false;
        }

        if (request.Count > 1 && stream.Policy.Refusals == 0 && stream != _suspect)
        {
            // A single failure may be chance.
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
            RewindFailed(stream, request, answer);
        }

        return true;
    }

    /// <summary>
    /// Handles the failure of a single record. The record is dropped if Loki accepts others again and again, unless a rate limit is the reason. If nothing else
    /// can be tried, its stream is rewound.
    /// </summary>
    public void BlameRecord(BatchEntry record, PushAnswer answer, bool haveOthersPassed)
    {
        LogStream stream = record.Run.Stream;
        SuspectRecord lone = stream.Policy.SuspectRecord ??= new SuspectRecord();
        lone.CountRefusal(slices.BytesOf(record), services.Time.GetTimestamp(), haveOthersPassed);
        if (lone.RefusalsAfterOthersPassed >= MaxErrorsAlone && answer.MayConcernRecord && (answer.Status != "500" || services.Time.GetElapsedTime(lone.FirstRefusedAt) >= MinServerErrorTime))
        {
            stream.Policy.SuspectRecord = null;
            pending.Drop([record], DropReasons.Refused, answer);
            return;
        }

        if (lone.Refusals == 1 && answer.MayConcernRecord)
        {
            DeliveryEvents.SingleRecordRefused(services.Logger, record.Length, record.Run.Attributes.Labels.Selector, answer.Status, answer.Message, MaxErrorsAlone);
        }

        if (haveOthersPassed)
        {
            // When the record is read again, it gets a request of its own.
            stream.Policy.SendOneByOne();
            RewindFailed(stream, [record], answer);
        }
        else if (!pending.TryMoveToEnd(stream) && lone.Refusals >= MaxErrorsAlone)
        {
            // The records after this batch may show whether Loki is down.
            RewindFailed(stream, [record], answer);
        }
    }

    private void RewindFailed(LogStream stream, List<BatchEntry> request, PushAnswer answer)
    {
        if (answer.Verdict is not (PushVerdict.TooLarge or PushVerdict.NotStored))
        {
            pending.MarkUnconfirmed(request);
        }

        pending.Rewind(stream, answer);
    }
}
