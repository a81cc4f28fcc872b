using Shipper.Records;
using Shipper.Tailing.Held;
using Shipper.Tailing.Losses;
using Shipper.Tailing.Streams;

namespace Shipper.Lanes;

/// <summary>What the files of a lane are like.</summary>
/// <param name="LagBytes">Bytes written and not acknowledged.</param>
/// <param name="OldestNs">Time of the oldest record that is in no batch yet, in nanoseconds since 1970;
/// <see cref="long.MaxValue"/> where there is none.</param>
/// <param name="HeldBytes">Bytes on the disk that only open handles keep.</param>
/// <param name="OpenFiles">Open log files.</param>
/// <param name="Streams">Streams.</param>
/// <param name="IsInDoubt">True while there is something of which it is not known whether it was sent before the agent started.</param>
/// <param name="LossDeadlineSeconds">Estimate of the time until unacknowledged bytes are lost.</param>
internal sealed record TailerStatus(
    long LagBytes, long OldestNs, long HeldBytes, int OpenFiles, int Streams, bool IsInDoubt = false, double LossDeadlineSeconds = LossDeadline.Never)
{
    /// <summary>Streams that wait for a descriptor.</summary>
    public int Waiting { get; init; }

    /// <summary>How long no waiting stream has got a descriptor.</summary>
    public TimeSpan Standstill { get; init; }

    /// <summary>Before the first look.</summary>
    public static TailerStatus None { get; } = new(0, long.MaxValue, 0, 0, 0, IsInDoubt: true);

    /// <summary>Takes stock.</summary>
    /// <param name="streams">The streams of a lane.</param>
    /// <param name="heldBytes">Bytes on the disk that only open handles keep.</param>
    /// <param name="untilFull">The budget's <see cref="HeldBudget.SecondsUntilFull"/>.</param>
    /// <param name="time">The clock.</param>
    public static TailerStatus Of(List<TailedStream> streams, long heldBytes, double untilFull, TimeProvider time)
    {
        long lagBytes = 0;
        int openFiles = 0;
        bool isInDoubt = false;
        double deadline = LossDeadline.Never;
        long oldestNs = OldestUnread.Find(streams);
        foreach (TailedStream stream in streams)
        {
            deadline = Math.Min(deadline, stream.LossDeadline.SecondsUntilLoss(untilFull));
            if (stream.WaitingSince is { } since)
            {
                oldestNs = Math.Min(oldestNs, time.GetUnixNanoseconds() - (long)time.GetElapsedTime(since).TotalNanoseconds);
            }

            foreach (Generation generation in stream.Generations)
            {
                lagBytes += generation.LagBytes;
                isInDoubt |= generation.SuspectUntil > generation.Checkpoint.Acknowledged.Max;
                openFiles += generation.Handle is null ? 0 : 1;
            }
        }

        return new TailerStatus(lagBytes, oldestNs, heldBytes, openFiles, streams.Count, isInDoubt, deadline);
    }
}
