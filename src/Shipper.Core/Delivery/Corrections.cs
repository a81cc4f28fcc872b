using Shipper.Batching;
using Shipper.Loki;
using Shipper.Telemetry;

namespace Shipper.Delivery;

/// <summary>
/// Decides what to do with records that Loki refused because of their content. A record that Loki would accept with another time, or without its metadata, is
/// sent again that way. All others are dropped.
/// </summary>
/// <remarks>One instance per batch; not thread-safe.</remarks>
internal sealed class Corrections(Sender sender, DeliveryServices services, BatchSlices slices, PendingRecords pending)
{
    private readonly Retiming _retiming = new(sender, slices, pending);

    /// <summary>True if records got new times that the checkpoint does not have yet: after a crash they would get other times.</summary>
    public bool HasUnsavedTimes
    {
        get => _retiming.HasUnsavedTimes;
        set => _retiming.HasUnsavedTimes = value;
    }

    /// <summary>True if Loki refused records because they are ahead of its clock.</summary>
    public bool HasTooNew => _retiming.HasTooNew;

    /// <summary>Handles a distributor's response.</summary>
    /// <param name="request">The records that were sent.</param>
    /// <returns>False if the response does not show which records it means.</returns>
    public bool TryHandleRefused(List<BatchEntry> request, PushAnswer answer)
    {
        if (RefusedEntries.TryFind(slices, request, answer.Errors!) is not { } refused)
        {
            return false;
        }

        List<BatchEntry> stored = request.FindAll(entry => !refused.Kinds.ContainsKey(entry));
        List<BatchEntry> tooOld = refused.EntriesOf(request, RefusalKind.TooOld);
        List<BatchEntry> tooNew = refused.EntriesOf(request, RefusalKind.TooNew);
        if (tooOld.Count + tooNew.Count > 0)
        {
            _retiming.Move(tooOld, tooNew, answer);
        }

        foreach (LogStream stream in refused.EntriesOf(request, RefusalKind.LabelsMissing).Select(entry => entry.Run.Stream).Distinct().ToList())
        {
            // Somebody may add the labels. Then the stream is read again with them.
            pending.Rewind(stream, answer);
        }

        pending.Drop(refused.EntriesOf(request, RefusalKind.LineTooLong, RefusalKind.Labels), DropReasons.Refused, answer);
        pending.RemoveStored(stored);
        if (refused.EntriesOf(request, RefusalKind.MetadataNotAllowed).Count > 0)
        {
            sender.Metadata.OnRefused(answer);
            pending.OmitMetadata(pending.All());
        }

        List<BatchEntry> tooMuch = refused.EntriesOf(request, RefusalKind.MetadataTooLarge, RefusalKind.MetadataTooMany);
        if (tooMuch.Count > 0)
        {
            // A line is worth more than its metadata.
            DeliveryEvents.MetadataTooLarge(services.Logger, tooMuch.Count, answer.Status, answer.Message);
            pending.OmitMetadata(tooMuch);
        }

        return true;
    }

    /// <summary>Handles the response of an ingester that has newer records of the stream.</summary>
    /// <param name="own">The records of the stream that were sent.</param>
    /// <returns>False if the response does not show which records it means.</returns>
    public bool TryHandleLate(List<BatchEntry> own, PushAnswer answer)
    {
        StreamError error = answer.StreamError!;
        long[] times = [.. own.Select(entry => slices.Read(entry, out _, out _))];
        if (error.Total != own.Count || LateEntries.TryFind(times, error.Ignored, error.IsOutOfOrder ? 0 : LateEntries.DefaultMaxBehindNs) is not { } isLate)
        {
            return false;
        }

        MoveLate([.. own.Where((_, index) => isLate[index])], answer);
        pending.RemoveStored([.. own.Where((_, index) => !isLate[index])]);
        return true;
    }

    /// <summary>Moves records of a stream to a later time, because an ingester has newer records of the stream.</summary>
    public void MoveLate(List<BatchEntry> late, PushAnswer answer)
    {
        if (late.Count > 0)
        {
            _retiming.MoveLate(late, answer.StreamError!, answer);
        }
    }
}
