using Shipper.Batching;
using Shipper.Checkpoints;
using Shipper.Discovery;
using Shipper.Discovery.Rotation;
using Shipper.Loki;
using Shipper.Native;
using Shipper.Processing;
using Shipper.Records;

namespace Shipper.Tailing.Streams;

/// <summary>
/// A stream and the files that it is read from, as one queue: by series (a pod created anew), restart and rotation,
/// oldest first.
/// </summary>
/// <remarks>Owned by a lane; not safe for concurrent use.</remarks>
internal sealed class TailedStream : LogStream
{
    private static readonly TimeSpan FreshTime = TimeSpan.FromHours(1);

    /// <param name="checkpoint">What is kept of the stream.</param>
    /// <param name="source">What kind of log it is.</param>
    /// <param name="attributes">What its records are sent with, as of now.</param>
    public TailedStream(StreamCheckpoint checkpoint, LogSource source, StreamAttributes attributes)
        : base(checkpoint)
    {
        Source = source;
        LineLimit = new LineLimit(source.Options.MaxLineBytes, source.Options.LongLines);
        Turn = new TurnPlan(this, attributes);
        Queue = new GenerationQueue(checkpoint, Series);
    }

    public LogSource Source { get; }

    /// <summary>What is sent with the records of this turn, and which of them may be in Loki.</summary>
    public TurnPlan Turn { get; }

    /// <summary>Its files.</summary>
    public GenerationQueue Queue { get; }

    public override string SourceName => Source.Name;

    /// <summary>What the records of this turn of reading are sent with.</summary>
    public StreamAttributes Attributes => Turn.Attributes;

    /// <summary>False while it is not to be read: an answer is awaited, or what the API server knows.</summary>
    public bool IsReadable =>
        (!AwaitsAnswer || UnansweredRuns == 0) && (FindNext() is not { } next || next.Series.Attributes.IsReadable(next.Restart));

    /// <summary>The labels as a selector, for messages.</summary>
    public string Selector => Attributes.Labels.Selector;

    /// <summary>How long a line may be.</summary>
    public LineLimit LineLimit { get; }

    /// <summary>True if a turn may have to end before the batch is full.</summary>
    public bool IsBounded => Turn.IsLeftOpen || Policy.MaxRequestBytes < long.MaxValue;

    /// <summary>True if reading goes on only when all that is under way was answered.</summary>
    public bool AwaitsAnswer { get; set; }

    /// <summary>When Loki last took something of it; null if it has not since the agent started.</summary>
    public DateTimeOffset? LastAcknowledged { get; set; }

    /// <summary>When the next of its bytes go that are not acknowledged, as of the last maintenance.</summary>
    public LossDeadline LossDeadline { get; } = new();

    public List<LogSeries> Series { get; } = new(1);

    /// <inheritdoc cref="GenerationQueue.All"/>
    public List<Generation> Generations => Queue.All;

    /// <summary>True if there is something to read.</summary>
    public bool IsReady { get; set; }

    /// <summary>When to look at the files again, as a timestamp of the <see cref="TimeProvider"/>.</summary>
    public long NextPoll { get; set; }

    /// <summary>Since when it can't be read on for lack of a descriptor, as a timestamp of the <see cref="TimeProvider"/>; null if it can.</summary>
    public long? WaitingSince { get; set; }

    /// <summary>When its last turn with files of its own began, as a timestamp of the <see cref="TimeProvider"/>.</summary>
    public long TurnSince { get; set; }

    /// <summary>When one of the files was last seen to have changed, as a timestamp of the <see cref="TimeProvider"/>.</summary>
    public long LastGrowth { get; set; }

    /// <summary>When all of it had been read, as a timestamp of the <see cref="TimeProvider"/>; null if that never was.</summary>
    public long? DrainedAt { get; set; }

    /// <summary>True if files appeared, went or moved, so that what was incomplete may be final now.</summary>
    public bool HasNews { get; set; } = true;

    /// <summary>True if incomplete lines have waited long enough.</summary>
    public bool FlushesOpenLines { get; set; }

    /// <summary>How many of the checkpoint's losses, from the oldest on, are in a batch. Set to 0, all of them are told of again.</summary>
    public int LossesUnderWay { get; set; }

    /// <summary>The next loss to tell of; null if there is none.</summary>
    public Loss? FindUntold() => Checkpoint.Losses.Length > LossesUnderWay ? Checkpoint.Losses[LossesUnderWay] : null;

    /// <summary>
    /// Tells whether the next lines were written within the last hour, regardless of their times: the stream was read to its end since then, or the file was created.
    /// </summary>
    private bool IsWrittenLately(TimeProvider time)
    {
        if (DrainedAt is { } drained && time.GetElapsedTime(drained) < FreshTime)
        {
            return true;
        }

        long bornNs = Queue.FindUnread() is { } unread ? unread.Status.BornNs : 0;
        return bornNs > 0 && Math.Abs(time.GetUnixNanoseconds() - bornNs) < FreshTime.TotalNanoseconds;
    }

    /// <summary>Tells whether its records can't go into a batch: a stream that Loki may shard, or refuse, is not to be in one request with others, which would hide what becomes of it.</summary>
    /// <param name="batch">The batch.</param>
    /// <param name="now">The present, in steady microseconds.</param>
    public bool MustTravelWithout(Batch batch, long now) =>
        batch.Records > 0 && batch.FindOther(this) is { } other && (Policy.TravelsAlone(now) || other.Policy.TravelsAlone(now));

    /// <summary>Which times the records may have that are read next.</summary>
    /// <param name="batch">The batch that they are read into.</param>
    /// <param name="isLeftOpen">True if they may be in Loki already.</param>
    /// <param name="time">The clock.</param>
    public TimeWindow WindowFor(Batch batch, bool isLeftOpen, TimeProvider time)
    {
        IsFresh = IsWrittenLately(time);
        return batch.WindowFor(this, isLeftOpen);
    }

    /// <summary>Whose attributes count for what is sent next: those of what is unread, and of the newest log where only a loss is to be told of.</summary>
    public (LogSeries Series, int Restart)? FindNext() =>
        Queue.FindUnread() is { } unread ? (unread.Series, unread.Name.Restart)
        : FindUntold() is null ? null
        : Generations is [.., { } last] ? (last.Series, last.Name.Restart)
        : Series is [.., { } series] ? (series, 0)
        : null;

    /// <summary>
    /// Looks at the open files, newest first: a writer ends one file before it begins the next, so an older file that is looked at after the newer one
    /// has shown its end.
    /// </summary>
    /// <param name="now">The present timestamp.</param>
    /// <param name="replaced">Gets the generations whose file no longer holds their content: it was truncated.</param>
    /// <param name="deletedFrom">Gets the series of files that were deleted since the last look, or moved while they were parked.</param>
    /// <returns>True if there is something to read.</returns>
    public bool Poll(long now, List<Generation> replaced, HashSet<LogSeries> deletedFrom)
    {
        bool hasUnscanned = false;
        for (int i = Generations.Count - 1; i >= 0; i--)
        {
            Generation generation = Generations[i];
            if (generation.Handle is null)
            {
                if (generation.IsParked && !generation.TryLookParked(now, out _))
                {
                    deletedFrom.Add(generation.Series);
                }

                LastGrowth = Math.Max(LastGrowth, generation.IsParked ? generation.LastGrowth : 0);
                continue;
            }

            uint links = generation.Status.Links;
            if (TryLook(generation, now))
            {
                HasNews |= generation.Status.Links != links;
                if (generation.IsDeleted && links > 0)
                {
                    deletedFrom.Add(generation.Series);
                }

                LastGrowth = Math.Max(LastGrowth, generation.LastGrowth);
                hasUnscanned |= generation.HasUnscanned;
            }
            else
            {
                replaced.Add(generation);
            }
        }

        return (hasUnscanned || HasNews) && Queue.FindBlocking() is null;
    }

    /// <summary>One that can't be looked into must not keep the older ones from being read; reading it says so when it comes to it.</summary>
    private static bool TryLook(Generation generation, long now)
    {
        try
        {
            return generation.TryLook(now);
        }
        catch (Exception e) when (IoFailure.Is(e))
        {
            generation.Progress.Expect(generation.Status.Size);
            return true;
        }
    }
}
