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
/// <param name="checkpoint">What is kept of the stream.</param>
/// <param name="source">What kind of log it is.</param>
/// <param name="attributes">What its records are sent with, as of now.</param>
internal sealed class TailedStream(StreamCheckpoint checkpoint, LogSource source, StreamAttributes attributes) : LogStream(checkpoint)
{
    private static readonly TimeSpan FreshTime = TimeSpan.FromHours(1);

    // Mostly one, of a thousand streams each.
    private readonly List<Generation> _generations = new(1);

    public LogSource Source { get; } = source;

    public override string SourceName => Source.Name;

    /// <summary>What the records of this turn of reading are sent with.</summary>
    public StreamAttributes Attributes { get; private set; } = attributes;

    /// <summary>False while it is not to be read: an answer is awaited, or what the API server knows.</summary>
    public bool IsReadable =>
        (!AwaitsAnswer || UnansweredRuns == 0) && (FindNext() is not { } next || next.Series.Attributes.IsReadable(next.Restart));

    /// <summary>The labels as a selector, for messages.</summary>
    public string Selector => Attributes.Labels.Selector;

    /// <summary>How long a line may be.</summary>
    public LineLimit LineLimit { get; } = new(source.Options.MaxLineBytes, source.Options.LongLines);

    /// <summary>
    /// The time of lines that have none of their own, in this turn, in nanoseconds since 1970. In logs of containers only lines before the first one with a time need
    /// it, and it is 0 until there is one.
    /// </summary>
    public long BaseNs { get; set; }

    /// <summary>
    /// Where this turn must end, because what follows gets another time: what was sent before the agent was started goes out again as it was.
    /// </summary>
    public long Limit { get; private set; } = long.MaxValue;

    /// <summary>True where the records of this turn may be in Loki already.</summary>
    public bool IsLeftOpen { get; private set; }

    /// <summary>The position behind the last of these; null where that is not known.</summary>
    public (Generation Generation, Offsets End)? LeftOpenUntil { get; private set; }

    /// <summary>True where a turn may have to end before the batch is full.</summary>
    public bool IsBounded => IsLeftOpen || MaxRequestBytes < long.MaxValue;

    /// <summary>True where reading goes on only when all that is under way was answered.</summary>
    public bool AwaitsAnswer { get; set; }

    /// <summary>When Loki last took something of it; null where it has not since the agent started.</summary>
    public DateTimeOffset? LastAcknowledged { get; set; }

    /// <summary>When the next of its bytes go that are not acknowledged, as of the last maintenance.</summary>
    public LossDeadline LossDeadline { get; } = new();

    public List<LogSeries> Series { get; } = new(1);

    /// <summary>All files, oldest first; changed only here. A list, because its enumerator is nothing that is allocated.</summary>
    public List<Generation> Generations => _generations;

    /// <summary>True where there is something to read.</summary>
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

    /// <summary>True where files appeared, went or moved, so that what was incomplete may be final now.</summary>
    public bool HasNews { get; set; } = true;

    /// <summary>True where incomplete lines have waited long enough.</summary>
    public bool FlushesOpenLines { get; set; }

    /// <summary>How many of the checkpoint's losses, from the oldest on, are in a batch. Set to 0, all of them are told of again.</summary>
    public int LossesUnderWay { get; set; }

    /// <summary>The next loss to tell of; null where there is none.</summary>
    public Loss? FindUntold() => Checkpoint.Losses.Length > LossesUnderWay ? Checkpoint.Losses[LossesUnderWay] : null;

    /// <summary>
    /// Tells whether the next lines were written within the last hour, regardless of their times: the stream was read to its end since then, or the file was created.
    /// </summary>
    public bool IsWrittenLately(TimeProvider time)
    {
        if (DrainedAt is { } drained && time.GetElapsedTime(drained) < FreshTime)
        {
            return true;
        }

        long bornNs = FindUnread() is { } unread ? unread.Status.BornNs : 0;
        return bornNs > 0 && Math.Abs(time.GetUnixNanoseconds() - bornNs) < FreshTime.TotalNanoseconds;
    }

    /// <summary>
    /// Decides what the records are sent with that are read next. What is under way, or was when the agent was killed, keeps what it was
    /// sent with; something new holds from the next position with nothing under way.
    /// </summary>
    /// <returns>False where that is to be waited for.</returns>
    public bool TryPrepare()
    {
        if (FindUnread() is not { } unread)
        {
            if (FindNext() is { } next)
            {
                Attributes = next.Series.Attributes.Get(next.Restart);
            }

            return true;
        }

        AwaitsAnswer = true;
        IsLeftOpen = false;
        LeftOpenUntil = null;
        Limit = long.MaxValue;
        if (unread.LeftOpen is { } sent)
        {
            if (sent.IsBeyond(unread.Read))
            {
                IsLeftOpen = true;
                LeftOpenUntil = (unread, sent.End);
                Attributes = sent.Attributes;
                BaseNs = sent.BaseNs;
                Limit = Source.HasHeaders ? long.MaxValue : sent.End.Stdout;
                unread.Attributes = sent.Attributes;
                AwaitsAnswer = false;
                return true;
            }

            if (UnansweredRuns > 0)
            {
                return false;
            }

            unread.LeftOpen = null;
        }

        // An open line leads on into the next generations, and what of these was left open goes out in the same turn.
        SentRange? behind = FindLeftOpenBehind(unread);
        BaseNs = behind?.BaseNs ?? 0;
        IsLeftOpen = behind is not null || (Source.HasHeaders && unread.IsToBeAskedFor);
        LeftOpenUntil = behind is null && IsLeftOpen ? (unread, Offsets.Both(unread.SuspectUntil)) : null;
        StreamAttributes wanted = behind?.Attributes ?? unread.Series.Attributes.Get(unread.Name.Restart);
        if (unread.Attributes is null || !unread.Attributes.Equals(wanted))
        {
            if (unread.Attributes is not null && UnansweredRuns > 0)
            {
                return false;
            }

            unread.Attributes = wanted;
        }

        Attributes = unread.Attributes;
        AwaitsAnswer = false;
        return true;
    }

    /// <summary>Whose attributes count for what is sent next: those of what is unread, and of the newest log where only a loss is to be told of.</summary>
    private (LogSeries Series, int Restart)? FindNext() =>
        FindUnread() is { } unread ? (unread.Series, unread.Name.Restart)
        : FindUntold() is null ? null
        : _generations is [.., { } last] ? (last.Series, last.Name.Restart)
        : Series is [.., { } series] ? (series, 0)
        : null;

    private SentRange? FindLeftOpenBehind(Generation unread)
    {
        for (int i = Source.HasHeaders ? _generations.IndexOf(unread) + 1 : _generations.Count; i < _generations.Count; i++)
        {
            Generation later = _generations[i];
            if (!later.GoesOnFrom(unread))
            {
                break;
            }

            if (later.LeftOpen is { } sent && sent.IsBeyond(later.Read))
            {
                return sent;
            }
        }

        return null;
    }

    /// <summary>Tells whether a turn may go on in the next generation: its records are sent with the same.</summary>
    public bool CanGoOn(Generation next) =>
        next.LeftOpen is null && !next.IsToBeAskedFor && next.Series.Attributes.IsReadable(next.Name.Restart) && next.Series.Attributes.Get(next.Name.Restart).Equals(Attributes);

    /// <summary>Adds a generation at its place in the queue.</summary>
    public void Add(Generation generation)
    {
        // Those of a log that was gone at the start come when the one that took its name is there. Behind the last that is older, not before the first that is newer: of a
        // log that moved, the other directory's files may stand first because they are of an earlier run of the container.
        _generations.Insert(_generations.FindLastIndex(other => !IsBefore(generation, other)) + 1, generation);
        Sort();
    }

    /// <summary>Tells the order of two logs. The files of a log that moved to another directory are in the order in which they were taken up.</summary>
    private bool IsBefore(Generation generation, Generation other) =>
        other.Series == generation.Series || !other.Series.IsSameLog(generation.Series) ? other.Series.Order > generation.Series.Order
        : Checkpoint.Generations.IndexOf(other.Checkpoint) > Checkpoint.Generations.IndexOf(generation.Checkpoint);

    public void Remove(Generation generation) => _generations.Remove(generation);

    /// <summary>
    /// Brings the queue into order after names changed. Only what the last listing showed for the first time is put in the order of its name: what has a place
    /// keeps it, because numbers move on, and a deleted one has none of the names that are there.
    /// </summary>
    public void Sort()
    {
        List<Generation> order = [.. _generations.Where(generation => generation.IsPlaced || !generation.IsListed)];
        List<Generation> listed = [.. order.Where(generation => generation.IsListed)];
        bool haveGoneBack = listed.Zip(listed.Skip(1), Compare).Any(sign => sign > 0);
        foreach (Generation added in _generations.Except(order).OrderBy(generation => generation, Comparer<Generation>.Create(Compare)).ToList())
        {
            // What is new was mostly written last: it stands behind the newest that it is not older than, and where names are seen to have gone back, behind all
            // but the live one. What is deleted was there before, unless it was left in another directory.
            int index = order.FindLastIndex(other => other.IsListed && (Compare(other, added) <= 0 || (haveGoneBack && IsOfBefore(other, added)))) + 1;
            index = order.FindIndex(index, other => other.IsListed || (other.Series != added.Series && IsBefore(added, other)));
            order.Insert(index < 0 ? order.Count : index, added);
        }

        // Certain also of what is deleted: which run of the container it is of, and that it was written before what is live now.
        Generation[] certain = [.. order.OrderBy(generation => (FirstOrderOf(generation.Series), generation.Name.Restart, generation.IsListed && generation.Name.IsLive))];
        _generations.Clear();
        _generations.AddRange(certain);
    }

    /// <summary>Puts those that were there before into the order that they had, whatever directory each of them is in by now.</summary>
    public void KeepOrder(List<Generation> before)
    {
        Generation[] added = [.. _generations.Except(before)];
        Generation[] known = [.. before.Where(_generations.Contains)];
        _generations.Clear();
        _generations.AddRange(known);
        _generations.AddRange(added);
    }

    /// <summary>A scan is complete: what it found has its place, and keeps it whatever its name becomes.</summary>
    public void Place()
    {
        Sort();
        _generations.ForEach(generation => generation.IsPlaced |= generation.IsListed);
    }

    /// <summary>The generation to read next: the oldest with bytes that are in no batch. Null if there is none, or if it is parked.</summary>
    public Generation? FindUnread()
    {
        foreach (Generation generation in _generations)
        {
            if (generation.IsUnread)
            {
                return generation.IsParked ? null : generation;
            }
        }

        return null;
    }

    /// <summary>The parked generation that has to be opened before anything more of the stream can be read; null if there is none.</summary>
    public Generation? FindBlocking()
    {
        foreach (Generation generation in _generations)
        {
            // One that is open and read to its end may have a line that goes on in the next one.
            if (generation.IsUnread && (generation.IsParked || generation.HasUnscanned || generation.Unfinished is not null))
            {
                return generation.IsParked ? generation : null;
            }
        }

        return null;
    }

    /// <summary>The next newer generation that is open, or that is parked and has unread bytes.</summary>
    public Generation? FindAfter(Generation generation)
    {
        for (int i = _generations.IndexOf(generation) + 1; i < _generations.Count; i++)
        {
            if (_generations[i].Handle is not null || _generations[i].IsUnread)
            {
                return _generations[i];
            }
        }

        return null;
    }

    /// <summary>The newest generation, if it is newer than another one and parked.</summary>
    public Generation? FindParkedAfter(Generation generation) =>
        _generations[^1] is { IsParked: true } newest && newest != generation ? newest : null;

    /// <summary>
    /// Tells whether nothing more is written to a generation: it is compressed to its end, deleted or moved away, the container was restarted, or a
    /// newer file of its log has content, which the runtime writes only after it let go of the older one.
    /// </summary>
    public bool IsFinal(Generation generation)
    {
        if (generation.Unfinished is not null)
        {
            return false;
        }

        if (generation.IsGzip || generation.IsDeleted || (generation.Series.IsUnlinked && !generation.IsListed))
        {
            return true;
        }

        for (int i = _generations.IndexOf(generation) + 1; i < _generations.Count; i++)
        {
            Generation newer = _generations[i];
            if (newer.Size > 0 || newer.Series != generation.Series || newer.Name.Restart != generation.Name.Restart)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>
    /// Tells whether a file may live on elsewhere though it was deleted: it was its log's newest, and discovery, which looks for logs that moved, has not said that the log
    /// is gone. Its last line may go on there.
    /// </summary>
    public bool MayGoOnElsewhere(Generation generation) =>
        generation is { IsDeleted: true, IsGzip: false, Series.IsUnlinked: false } && generation == _generations[^1];

    /// <summary>
    /// Looks at the open files, newest first: a writer ends one file before it begins the next, so an older file that is looked at after the newer one
    /// has shown its end.
    /// </summary>
    /// <param name="now">The present timestamp.</param>
    /// <param name="replaced">Gets the generations whose file no longer holds their content: it was truncated.</param>
    /// <param name="deletedFrom">Gets the series of files that were deleted since the last look, or moved while they were parked.</param>
    /// <returns>True where there is something to read.</returns>
    public bool Poll(long now, List<Generation> replaced, HashSet<LogSeries> deletedFrom)
    {
        bool hasUnscanned = false;
        for (int i = _generations.Count - 1; i >= 0; i--)
        {
            Generation generation = _generations[i];
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

        return (hasUnscanned || HasNews) && FindBlocking() is null;
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
            generation.Size = Math.Max(generation.Size, generation.Status.Size);
            return true;
        }
    }

    /// <summary>Tells whether one that is known was written before a new one, whatever their names say of the time.</summary>
    private static bool IsOfBefore(Generation known, Generation added) =>
        known.Series == added.Series && known.Name.Restart == added.Name.Restart && !known.Name.IsLive;

    /// <summary>A log that moved has files in two directories, and all of them are in one order.</summary>
    private int FirstOrderOf(LogSeries series) =>
        Series.Where(series.IsSameLog).Select(other => other.Order).DefaultIfEmpty(series.Order).Min();

    private static int Compare(Generation a, Generation b)
    {
        int order = a.Series.Order.CompareTo(b.Series.Order);
        return order == 0 ? a.Name.CompareTo(b.Name) : order;
    }
}
