using Shipper.Checkpoints;
using Shipper.Discovery.Rotation;

namespace Shipper.Tailing.Streams;

/// <summary>The files of a stream in the order in which their lines were written, oldest first.</summary>
/// <remarks>Owned by the lane of its stream; not safe for concurrent use.</remarks>
/// <param name="checkpoint">Has the order in which files of a log that moved were taken up.</param>
/// <param name="series">The logs of the stream.</param>
internal sealed class GenerationQueue(StreamCheckpoint checkpoint, List<LogSeries> series)
{
    // Mostly one, of a thousand streams each.
    private readonly List<Generation> _generations = new(1);

    /// <summary>All files, oldest first; changed only here. A list, because its enumerator is nothing that is allocated.</summary>
    public List<Generation> All => _generations;

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
        : checkpoint.Generations.IndexOf(other.Checkpoint) > checkpoint.Generations.IndexOf(generation.Checkpoint);

    public void Remove(Generation generation) => _generations.Remove(generation);

    /// <summary>
    /// Brings the queue into order after names changed. Only what the last listing showed for the first time is put in the order of its name: what has a place
    /// keeps it, because numbers move on, and a deleted one has none of the names that are there.
    /// </summary>
    public void Sort()
    {
        List<Generation> order = [.. _generations.Where(generation => generation.Place.IsQueued || !generation.IsListed)];
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
        _generations.ForEach(generation => generation.Place.IsQueued |= generation.IsListed);
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

    /// <summary>Tells whether one that is known was written before a new one, whatever their names say of the time.</summary>
    private static bool IsOfBefore(Generation known, Generation added) =>
        known.Series == added.Series && known.Name.Restart == added.Name.Restart && !known.Name.IsLive;

    /// <summary>A log that moved has files in two directories, and all of them are in one order.</summary>
    private int FirstOrderOf(LogSeries log) =>
        series.Where(log.IsSameLog).Select(other => other.Order).DefaultIfEmpty(log.Order).Min();

    private static int Compare(Generation a, Generation b)
    {
        int order = a.Series.Order.CompareTo(b.Series.Order);
        return order == 0 ? a.Name.CompareTo(b.Name) : order;
    }
}
