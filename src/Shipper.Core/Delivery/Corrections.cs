using Shipper.Batching;
using Shipper.Loki;
using Shipper.Telemetry;

namespace Shipper.Delivery;

/// <summary>
/// Decides about records that Loki refused for what they are. A record that Loki would take with another time, or without its metadata, is sent again
/// like that. Any other is dropped.
/// </summary>
/// <remarks>For one batch; not thread-safe.</remarks>
internal sealed class Corrections(Sender sender, DeliveryServices services, BatchSlices slices, OpenRecords open)
{
    private readonly Retiming _retiming = new(sender, slices, open);

    /// <summary>True if records got new times that are not noted yet: a crash would send them with others.</summary>
    public bool IsToBeNoted
    {
        get => _retiming.IsToBeNoted;
        set => _retiming.IsToBeNoted = value;
    }

    /// <summary>True if records were refused because they are ahead of Loki's clock.</summary>
    public bool IsTooNew => _retiming.IsTooNew;

    /// <summary>Takes a distributor's answer.</summary>
    /// <param name="request">The records that were sent.</param>
    /// <param name="answer">The answer.</param>
    /// <returns>False if the answer does not tell which records it means.</returns>
    public bool TryTake(List<BatchEntry> request, PushAnswer answer)
    {
        if (RefusedEntries.TryFind(slices, request, answer.Errors!) is not { } refused)
        {
            return false;
        }

        List<BatchEntry> stored = request.FindAll(entry => !refused.Kinds.ContainsKey(entry));
        List<BatchEntry> tooOld = refused.Of(request, RefusalKind.TooOld);
        List<BatchEntry> tooNew = refused.Of(request, RefusalKind.TooNew);
        if (tooOld.Count + tooNew.Count > 0)
        {
            _retiming.Move(tooOld, tooNew, answer);
        }

        foreach (LogStream stream in refused.Of(request, RefusalKind.LabelsMissing).Select(entry => entry.Run.Stream).Distinct().ToList())
        {
            // Somebody may add the labels, and then it is read again with them.
            open.GoBack(stream, answer);
        }

        open.Drop(refused.Of(request, RefusalKind.LineTooLong, RefusalKind.Labels), DropReasons.Refused, answer);
        open.Store(stored);
        if (refused.Of(request, RefusalKind.MetadataNotAllowed).Count > 0)
        {
            sender.Metadata.Refuse(answer);
            open.LeaveOutMetadata(open.All());
        }

        List<BatchEntry> tooMuch = refused.Of(request, RefusalKind.MetadataTooLarge, RefusalKind.MetadataTooMany);
        if (tooMuch.Count > 0)
        {
            // A line is worth more than its metadata.
            DeliveryEvents.MetadataTooLarge(services.Logger, tooMuch.Count, answer.Status, answer.Message);
            open.LeaveOutMetadata(tooMuch);
        }

        return true;
    }

    /// <summary>Takes the answer of an ingester that has newer records of the stream.</summary>
    /// <param name="own">The records of the stream that were sent.</param>
    /// <param name="answer">The answer.</param>
    /// <returns>False if the answer does not tell which records it means.</returns>
    public bool TryTakeLate(List<BatchEntry> own, PushAnswer answer)
    {
        StreamError error = answer.StreamError!;
        long[] times = [.. own.Select(entry => slices.Read(entry, out _, out _))];
        if (error.Total != own.Count || LateEntries.TryFind(times, error.Ignored, error.IsOutOfOrder ? 0 : LateEntries.DefaultMaxBehindNs) is not { } isLate)
        {
            return false;
        }

        TakeLate([.. own.Where((_, index) => isLate[index])], answer);
        open.Store([.. own.Where((_, index) => !isLate[index])]);
        return true;
    }

    /// <summary>Moves records of a stream to a later time, because an ingester has newer ones of it.</summary>
    public void TakeLate(List<BatchEntry> late, PushAnswer answer)
    {
        if (late.Count > 0)
        {
            _retiming.MoveLate(late, answer.StreamError!, answer);
        }
    }
}
