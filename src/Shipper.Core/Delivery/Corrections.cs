using Shipper.Batching;
using Shipper.Loki;
using Shipper.Telemetry;

namespace Shipper.Delivery;

/// <summary>
/// Decides what to do with records that Loki refused because of their content. A record that Loki would accept with another time, or without its metadata, is
/// sent again that way. All others are dropped.
/// </summary>
/// <remarks>One instance per batch; not thread-safe.</remarks>
internal sealed class Corrections(Sender sender, DeliveryServices services, BatchSlices slices, OpenRecords pending)
{
    private readonly Retiming _retiming = new(sender, slices, pending);

    /// <summary>True if records got new times that the checkpoint does not have yet: after a crash they would get other times.</summary>
    public bool IsToBeNoted
    {
        get => _retiming.IsToBeNoted;
        set => _retiming.IsToBeNoted = value;
    }

    /// <summary>True if Loki refused records because they are ahead of its clock.</summary>
    public bool IsTooNew => _retiming.IsTooNew;

    /// <summary>Handles a distributor's response.</summary>
    /// <param name="request">The records that were sent.</param>
    /// <returns>False if the response does not show which records it means.</returns>
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
            // Somebody may add the labels. Then the stream is read again with them.
            pending.GoBack(stream, answer);
        }

        pending.Drop(refused.Of(request, RefusalKind.LineTooLong, RefusalKind.Labels), DropReasons.Refused, answer);
        pending.Store(stored);
        if (refused.Of(request, RefusalKind.MetadataNotAllowed).Count > 0)
        {
            sender.Metadata.Refuse(answer);
            pending.LeaveOutMetadata(pending.All());
        }

        List<BatchEntry> tooMuch = refused.Of(request, RefusalKind.MetadataTooLarge, RefusalKind.MetadataTooMany);
        if (tooMuch.Count > 0)
        {
            // A line is worth more than its metadata.
            DeliveryEvents.MetadataTooLarge(services.Logger, tooMuch.Count, answer.Status, answer.Message);
            pending.LeaveOutMetadata(tooMuch);
        }

        return true;
    }

    /// <summary>Handles the response of an ingester that has newer records of the stream.</summary>
    /// <param name="own">The records of the stream that were sent.</param>
    /// <returns>False if the response does not show which records it means.</returns>
    public bool TryTakeLate(List<BatchEntry> own, PushAnswer answer)
    {
        StreamError error = answer.StreamError!;
        long[] times = [.. own.Select(entry => slices.Read(entry, out _, out _))];
        if (error.Total != own.Count || LateEntries.TryFind(times, error.Ignored, error.IsOutOfOrder ? 0 : LateEntries.DefaultMaxBehindNs) is not { } isLate)
        {
            return false;
        }

        TakeLate([.. own.Where((_, index) => isLate[index])], answer);
        pending.Store([.. own.Where((_, index) => !isLate[index])]);
        return true;
    }

    /// <summary>Moves records of a stream to a later time, because an ingester has newer records of the stream.</summary>
    public void TakeLate(List<BatchEntry> late, PushAnswer answer)
    {
        if (late.Count > 0)
        {
            _retiming.MoveLate(late, answer.StreamError!, answer);
        }
    }
}
