using Shipper.Batching;
using Shipper.Checkpoints;
using Shipper.Discovery;
using Shipper.Discovery.Rotation;
using Shipper.Lanes;
using Shipper.Loki;
using Shipper.Native;
using Shipper.Processing;
using Shipper.Processing.Assembling;
using Shipper.Records;

namespace Shipper.Tailing.Streams;

/// <summary>A stream and its files as one queue, oldest first. The files are ordered by log (a recreated pod has a new one), restart and rotation.</summary>
/// <remarks>Owned by a lane; not thread-safe.</remarks>
internal sealed class TailedStream : LogStream
{
    private static readonly TimeSpan FreshTime = TimeSpan.FromHours(1);

    /// <param name="checkpoint">The saved state of the stream.</param>
    /// <param name="kind">The kind of log.</param>
    /// <param name="attributes">The current attributes of its records.</param>
    public TailedStream(StreamCheckpoint checkpoint, LogKind kind, StreamAttributes attributes)
        : base(checkpoint)
    {
        Kind = kind;
        LineLimit = new LineLimit(kind.Options.MaxLineBytes, kind.Options.LongLines);
        Turn = new TurnPlan(this, attributes);
        Queue = new GenerationQueue(checkpoint, Logs);
    }

    public LogKind Kind { get; }

    /// <summary>The attributes of the current turn's records, and which of the records Loki may already have.</summary>
    public TurnPlan Turn { get; }

    /// <summary>The files of the stream, oldest first.</summary>
    public GenerationQueue Queue { get; }

    public override string SourceName => Kind.Name;

    /// <summary>The attributes of the records of the current turn.</summary>
    public StreamAttributes Attributes => Turn.Attributes;

    /// <summary>False while the stream must not be read because it waits for a response of Loki, or for data from the API server.</summary>
    public bool IsReadable =>
        (!AwaitsResponse || RunsInBatches == 0) && (FindNextLog() is not { } next || next.Log.Attributes.IsReadable(next.Restart));

    /// <summary>The labels as a LogQL selector, for messages.</summary>
    public string Selector => Attributes.Labels.Selector;

    /// <summary>The maximum length of a line, and what to do with longer ones.</summary>
    public LineLimit LineLimit { get; }

    /// <summary>True if a turn may have to end before the batch is full.</summary>
    public bool IsBounded => Turn.IsUnconfirmed || Policy.MaxRequestBytes < long.MaxValue;

    /// <summary>True if reading must wait until all pushes in flight are answered.</summary>
    public bool AwaitsResponse { get; set; }

    /// <summary>The last description of the stream while it was quiet, and what it was derived from; null if it was not quiet.</summary>
    public (StreamStatus Status, StreamFacts Facts)? LastStatus { get; set; }

    /// <summary>Why a file of the stream can't be read; null if all can.</summary>
    public UnreadableSource? Problem { get; set; }

    /// <summary>When the next unacknowledged bytes are lost, as of the last maintenance.</summary>
    public LossDeadline LossDeadline { get; } = new();

    public List<RotatedLog> Logs { get; } = new(1);

    /// <inheritdoc cref="GenerationQueue.All"/>
    public List<Generation> Generations => Queue.All;

    /// <summary>True if there is something to read.</summary>
    public bool IsReady { get; set; }

    /// <summary>When to poll the files again, as a timestamp of the <see cref="TimeProvider"/>.</summary>
    public long NextPoll { get; set; }

    /// <summary>Since when the stream has been waiting for a descriptor, as a timestamp of the <see cref="TimeProvider"/>; null if it is not waiting.</summary>
    public long? WaitingSince { get; set; }

    /// <summary>When its last turn with open files began, as a timestamp of the <see cref="TimeProvider"/>.</summary>
    public long TurnSince { get; set; }

    /// <summary>When one of the files was last seen to have changed, as a timestamp of the <see cref="TimeProvider"/>.</summary>
    public long LastGrowth { get; set; }

    /// <summary>When the stream was last read to its end, as a timestamp of the <see cref="TimeProvider"/>; null if it never was.</summary>
    public long? DrainedAt { get; set; }

    /// <summary>True if files appeared, disappeared or moved, so that incomplete lines may be final now.</summary>
    public bool HasFileChanges { get; set; } = true;

    /// <summary>Until when the stream is held back because it is over a limit, as a timestamp of the <see cref="TimeProvider"/>.</summary>
    public long HeldBackUntil { get; set; }

    /// <summary>What has waited long enough, and is sent as it is.</summary>
    public QuietFlush Flush { get; set; }

    /// <summary>True if the last turn ended with a group of lines that may continue.</summary>
    public bool HoldsGroup { get; set; }

    /// <summary>The groups that were sent because the log was quiet, and that no line has followed.</summary>
    public FlushedGroups FlushedGroups;

    /// <summary>Number of the checkpoint's losses, from the oldest, that are in a batch. Setting it to 0 reports all of them again.</summary>
    public int LossesInFlight { get; set; }

    /// <summary>True if a limit has counted records that no report contains.</summary>
    public bool HasReport =>
        Attributes.Rules is { Limits.Length: > 0 } rules && (Memory ?? Checkpoint.Memory) is { } memory && memory.HasReport(rules.LimitNames);

    /// <summary>True if what limits have counted should be reported now, because no record brings the report (<see cref="LimitReports"/>).</summary>
    public bool IsReportDue { get; set; }

    /// <summary>Returns the next loss to report; null if there is none.</summary>
    public Loss? NextUnreportedLoss() => Checkpoint.Losses.Length > LossesInFlight ? Checkpoint.Losses[LossesInFlight] : null;

    /// <summary>
    /// True if the next lines were written within the last hour, regardless of their timestamps: the stream was read to its end, or the file was created,
    /// within that hour.
    /// </summary>
    private bool IsWrittenLately(TimeProvider time)
    {
        if (DrainedAt is { } drained && time.GetElapsedTime(drained) < FreshTime)
        {
            return true;
        }

        long bornNs = Queue.FindUnread() is { } unread ? unread.Status.CreatedNs : 0;
        return bornNs > 0 && Math.Abs(time.GetUnixNanoseconds() - bornNs) < FreshTime.TotalNanoseconds;
    }

    /// <summary>
    /// True if the stream needs another request than the records in a batch. If Loki may shard or refuse a stream, that stream needs its own request, because
    /// other streams would hide the result.
    /// </summary>
    /// <param name="now">The current time, in monotonic microseconds.</param>
    public bool NeedsOwnRequest(Batch batch, long now) =>
        batch.Records > 0 && batch.FindOther(this) is { } other && (Policy.NeedsOwnRequest(now) || other.Policy.NeedsOwnRequest(now));

    /// <summary>Returns the range of times that the next records may have.</summary>
    /// <param name="batch">The batch that the records are added to.</param>
    /// <param name="isUnconfirmed">True if the records may be in Loki already.</param>
    public TimeWindow WindowFor(Batch batch, bool isUnconfirmed, TimeProvider time)
    {
        IsRecentlyWritten = IsWrittenLately(time);
        return batch.WindowFor(this, isUnconfirmed);
    }

    /// <summary>
    /// Returns the log that determines the attributes of what is sent next: the log of the oldest unread bytes or, if only a report is to be sent, the
    /// newest log. Null if there is nothing to send.
    /// </summary>
    public (RotatedLog Log, int Restart)? FindNextLog() =>
        Queue.FindUnread() is { } unread ? (unread.Log, unread.Name.Restart)
        : NextUnreportedLoss() is null && !IsReportDue ? null
        : Generations is [.., { } last] ? (last.Log, last.Name.Restart)
        : Logs is [.., { } rotatedLog] ? (rotatedLog, 0)
        : null;

    /// <summary>
    /// Checks the files, newest first. A writer finishes one file before it begins the next, so checking an older file after a newer one shows the older
    /// file's end.
    /// </summary>
    /// <param name="replaced">Receives the generations that lost their content because their file was truncated.</param>
    /// <param name="deletedFrom">Receives the logs with files that were deleted since the last check, or that moved while they were parked.</param>
    /// <returns>True if there is something to read.</returns>
    public bool Poll(long now, List<Generation> replaced, HashSet<RotatedLog> deletedFrom)
    {
        bool hasUnscanned = false;
        for (int i = Generations.Count - 1; i >= 0; i--)
        {
            Generation generation = Generations[i];
            if (generation.Handle is null)
            {
                if (generation.IsParked && !generation.TryCheckParked(now, out _))
                {
                    deletedFrom.Add(generation.Log);
                }

                LastGrowth = Math.Max(LastGrowth, generation.IsParked ? generation.LastGrowth : 0);
                continue;
            }

            uint links = generation.Status.Links;
            if (TryCheck(generation, now))
            {
                HasFileChanges |= generation.Status.Links != links;
                if (generation.IsDeleted && links > 0)
                {
                    deletedFrom.Add(generation.Log);
                }

                LastGrowth = Math.Max(LastGrowth, generation.LastGrowth);
                hasUnscanned |= generation.HasUnscanned;
            }
            else
            {
                replaced.Add(generation);
            }
        }

        return (hasUnscanned || HasFileChanges) && Queue.FindBlocking() is null;
    }

    /// <summary>Checks a file. A failure must not block older files, so it is ignored here and reported when the file is read.</summary>
    private static bool TryCheck(Generation generation, long now)
    {
        try
        {
            return generation.TryCheck(now);
        }
        catch (Exception e) when (IoFailure.Is(e))
        {
            generation.Progress.RaiseTo(generation.Status.Size);
            return true;
        }
    }
}
