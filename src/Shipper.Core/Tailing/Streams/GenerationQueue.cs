using Shipper.Checkpoints;
using Shipper.Discovery.Rotation;

namespace Shipper.Tailing.Streams;

/// <summary>The files of a stream in the order in which their lines were written, oldest first.</summary>
/// <remarks>Owned by the lane of its stream; not thread-safe.</remarks>
/// <param name="checkpoint">Contains the order in which the files of a moved log were found.</param>
/// <param name="rotatedLog">The logs of the stream.</param>
internal sealed class GenerationQueue(StreamCheckpoint checkpoint, List<RotatedLog> rotatedLog)
{
    // Capacity 1, because most of a thousand streams have one generation.
    private readonly List<Generation> _generations = new(1);

    /// <summary>All generations, oldest first. Only this class changes the list. A concrete List, because enumerating it does not allocate.</summary>
    public List<Generation> All => _generations;

    /// <summary>Adds a generation at its place in the queue.</summary>
    public void Add(Generation generation)
    {
        // If a log was gone at startup, the log that took its name may be in the queue before the files of the old one are. Insert after the last older
        // generation and not before the first newer one: if the log moved, files of the other directory may come first because they belong to an earlier run
        // of the container.
        _generations.Insert(_generations.FindLastIndex(other => !IsBefore(generation, other)) + 1, generation);
        Sort();
    }

    /// <summary>Compares the order of two logs. Files of a log that moved to another directory are in the order in which they were found.</summary>
    private bool IsBefore(Generation generation, Generation other) =>
        other.Log == generation.Log || !other.Log.IsSameLog(generation.Log) ? other.Log.Order > generation.Log.Order
        : checkpoint.Generations.IndexOf(other.Checkpoint) > checkpoint.Generations.IndexOf(generation.Checkpoint);

    public void Remove(Generation generation) => _generations.Remove(generation);

    /// <summary>
    /// Sorts the queue after names have changed. Only files that the last listing showed for the first time are ordered by name. All others keep their place:
    /// numbers in names change with each rotation, and a deleted file can't be compared with the listed names.
    /// </summary>
    public void Sort()
    {
        List<Generation> order = [.. _generations.Where(generation => generation.Place.IsQueued || !generation.IsListed)];
        List<Generation> listed = [.. order.Where(generation => generation.IsListed)];
        bool isOutOfOrder = listed.Zip(listed.Skip(1), Compare).Any(sign => sign > 0);
        foreach (Generation added in _generations.Except(order).OrderBy(generation => generation, Comparer<Generation>.Create(Compare)).ToList())
        {
            // A new file is usually the newest, so it goes after the newest file that is not newer than it. If names have evidently gone back in time, it goes
            // after all files but the live one. Deleted files are older, except those left in another directory.
            int index = order.FindLastIndex(other => other.IsListed && (Compare(other, added) <= 0 || (isOutOfOrder && WasWrittenBefore(other, added)))) + 1;
            index = order.FindIndex(index, other => other.IsListed || (other.Log != added.Log && IsBefore(added, other)));
            order.Insert(index < 0 ? order.Count : index, added);
        }

        // Two facts are certain even for deleted files: which run of the container they belong to, and that they were written before the live file.
        Generation[] certain = [.. order.OrderBy(generation => (FirstOrderOf(generation.Log), generation.Name.Restart, generation.IsListed && generation.Name.IsLive))];
        _generations.Clear();
        _generations.AddRange(certain);
    }

    /// <summary>Restores the previous order of known generations, even if they are in other directories now.</summary>
    public void RestoreOrder(List<Generation> before)
    {
        Generation[] added = [.. _generations.Except(before)];
        Generation[] known = [.. before.Where(_generations.Contains)];
        _generations.Clear();
        _generations.AddRange(known);
        _generations.AddRange(added);
    }

    /// <summary>Settles the places of all files that a complete scan found. The files keep their places even if their names change.</summary>
    public void SettleOrder()
    {
        Sort();
        _generations.ForEach(generation => generation.Place.IsQueued |= generation.IsListed);
    }

    /// <summary>Returns the generation to read next: the oldest one with bytes that are in no batch. Null if there is none, or if it is parked.</summary>
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

    /// <summary>Returns the parked generation that must be opened before the stream can be read further; null if there is none.</summary>
    public Generation? FindBlocking()
    {
        foreach (Generation generation in _generations)
        {
            // A line may begin in an open file that was read to its end, and continue in the next file.
            if (generation.IsUnread && (generation.IsParked || generation.HasUnscanned || generation.UnfinishedSince is not null))
            {
                return generation.IsParked ? generation : null;
            }
        }

        return null;
    }

    /// <summary>Returns the next newer generation that is open, or that is parked and has unread bytes; null if there is none.</summary>
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

    /// <summary>Returns the stream's newest generation if it is parked and newer than the given one; otherwise null.</summary>
    public Generation? FindParkedAfter(Generation generation) =>
        _generations[^1] is { IsParked: true } newest && newest != generation ? newest : null;

    /// <summary>
    /// Checks whether nothing more will be written to a generation: it is completely compressed, deleted or moved away, its container was restarted, or a
    /// newer file of the log has content, which the runtime writes only after closing the older file.
    /// </summary>
    public bool IsFinal(Generation generation)
    {
        if (generation.UnfinishedSince is not null)
        {
            return false;
        }

        if (generation.IsGzip || generation.IsDeleted || (generation.Log.IsUnlinked && !generation.IsListed))
        {
            return true;
        }

        for (int i = _generations.IndexOf(generation) + 1; i < _generations.Count; i++)
        {
            Generation newer = _generations[i];
            if (newer.Size > 0 || newer.Log != generation.Log || newer.Name.Restart != generation.Name.Restart)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>
    /// Checks whether a deleted file may have been moved to another directory, where its last line may continue. This is so if it was the newest file of its
    /// log, and discovery, which searches for moved logs, has not reported the log as gone.
    /// </summary>
    public bool MayContinueElsewhere(Generation generation) =>
        generation is { IsDeleted: true, IsGzip: false, Log.IsUnlinked: false } && generation == _generations[^1];

    /// <summary>Checks whether a known generation was written before a new one, regardless of the times in their names.</summary>
    private static bool WasWrittenBefore(Generation known, Generation added) =>
        known.Log == added.Log && known.Name.Restart == added.Name.Restart && !known.Name.IsLive;

    /// <summary>Returns the smallest order of a log's directories. A log that moved has files in two directories, and all of them form one order.</summary>
    private int FirstOrderOf(RotatedLog log) =>
        rotatedLog.Where(log.IsSameLog).Select(other => other.Order).DefaultIfEmpty(log.Order).Min();

    private static int Compare(Generation a, Generation b)
    {
        int order = a.Log.Order.CompareTo(b.Log.Order);
        return order == 0 ? a.Name.CompareTo(b.Name) : order;
    }
}
