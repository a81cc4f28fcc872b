using Shipper.Batching;
using Shipper.Checkpoints;
using Shipper.Loki;
using Shipper.Parsing;
using Shipper.Telemetry;

namespace Shipper.Delivery;

/// <summary>
/// Gives records new times after Loki refused theirs. The window of their stream changes so that the refused records are outside, while those that Loki
/// accepted are inside and keep their times. The checkpoint gets the window before the records are sent again, so that they get the same times after a crash.
/// </summary>
/// <remarks>One instance per batch; not thread-safe.</remarks>
internal sealed class Retiming(Sender sender, BatchSlices slices, PendingRecords pending)
{
    /// <summary>
    /// Number of times that the records of a stream may be moved. At the next refusal the stream waits: no time fits for now, perhaps because one of Loki's
    /// clocks was set back.
    /// </summary>
    private const int MaxTries = 16;

    /// <summary>The same limit for records that are refused because Loki has newer ones of their stream.</summary>
    private const int MaxLateTries = 3;

    private const long Second = 1_000_000_000;

    // Refusals by stream, or by run for reports of a loss.
    private readonly Dictionary<object, int> _tries = [];
    private readonly TimestampParser _timestamps = new();

    /// <summary>True if records got new times that the checkpoint does not have yet.</summary>
    public bool HasUnsavedTimes { get; set; }

    /// <summary>True if Loki refused records as too new.</summary>
    public bool HasTooNew { get; private set; }

    /// <summary>Moves records that the distributor refused.</summary>
    /// <param name="tooOld">The records that are too old.</param>
    /// <param name="tooNew">The records that are too new.</param>
    public void Move(List<BatchEntry> tooOld, List<BatchEntry> tooNew, PushAnswer answer)
    {
        if (tooNew.Count > 0)
        {
            HasTooNew = true;
            sender.Times.OnTooNew(tooNew.Min(TimeOf));
        }

        if (tooOld.Count > 0)
        {
            sender.Times.OnTooOld(answer.Errors!.Find(RefusalKind.TooOld)!.Value.Limit);
        }

        sender.WarnRetimed(tooOld.Count + tooNew.Count, tooOld.Count > tooNew.Count ? "too old" : "too far ahead", answer);
        long presentNs = sender.Times.PresentNs;
        foreach (IGrouping<object, BatchEntry> refused in tooOld.Concat(tooNew).GroupBy(KeyOf).ToList())
        {
            List<BatchEntry> old = tooOld.FindAll(entry => KeyOf(entry) == refused.Key);
            List<BatchEntry> fresh = tooNew.FindAll(entry => KeyOf(entry) == refused.Key);
            LogStream stream = refused.First().Run.Stream;
            TimeWindow window = refused.First().Run.Window;
            long fromNs = Math.Max(window.FromNs, LatestOwn(old) is { } latest ? latest + 1 : long.MinValue);
            long toNs = Math.Min(window.ToNs, EarliestOwn(fresh) is { } earliest ? earliest - 1 : long.MaxValue);
            Move(refused.Key, [.. old, .. fresh], MaxTries, answer, window with
            {
                FromNs = fromNs,
                ToNs = toNs,
                TooOldTargetNs = old.Count > 0 ? AcceptedTimes.TimeForTooOld(stream, sender.Times.WindowOf(stream).FromNs, presentNs) : window.TooOldTargetNs,
                PresentNs = fresh.Count > 0 || window.PresentNs == long.MinValue || old.Exists(IsImplausible) ? presentNs : window.PresentNs,
            });
        }
    }

    /// <summary>Moves records that an ingester refused because it has newer ones of their stream.</summary>
    /// <param name="late">The records, all of one stream.</param>
    /// <param name="error">The ingester's error.</param>
    public void MoveLate(List<BatchEntry> late, StreamError error, PushAnswer answer)
    {
        LogStream stream = late[0].Run.Stream;
        HashSet<BatchEntry> refused = [.. late];
        long newestNs = pending.All().Concat(slices.GetEntries()).Where(entry => entry.Run.Stream == stream && !refused.Contains(entry)).Select(TimeOf).Append(stream.Checkpoint.Clock.NewestNs).Max();
        long floorNs = error.OldestAcceptableNs is { } oldestNs ? oldestNs + Second : late.Max(TimeOf) + 1;
        if (error.IsOutOfOrder)
        {
            stream.MaxBehindNs = 0;
        }
        else if (newestNs > floorNs)
        {
            stream.MaxBehindNs = Math.Min(stream.MaxBehindNs, (newestNs - floorNs) * 9 / 10);
        }

        stream.RefusedBeforeNs = Math.Max(stream.RefusedBeforeNs, floorNs);
        bool hasLearnt = sender.Times.TryLearnFrom(floorNs);
        long presentNs = sender.Times.PresentNs;
        if (!hasLearnt && floorNs > presentNs + StreamClock.MaxFutureNs)
        {
            // Loki accepted records of this stream while its clock was ahead. It accepts no more until its clock shows that time again.
            late.ForEach(entry => _tries[KeyOf(entry)] = MaxTries);
        }

        sender.WarnRetimed(late.Count, "too far behind newer records of their stream", answer);

        // Try the time right after the newest known record. If somebody else has sent newer ones, try the current time next.
        foreach (IGrouping<object, BatchEntry> own in late.GroupBy(KeyOf).ToList())
        {
            long targetNs = _tries.GetValueOrDefault(own.Key) > 0 ? presentNs
                : newestNs >= floorNs ? newestNs + 1 : Math.Max(floorNs, Math.Min(presentNs, floorNs + StreamClock.MaxBehindNs));
            List<BatchEntry> refusedOwn = [.. own];
            TimeWindow window = refusedOwn[0].Run.Window;
            bool isPresent = refusedOwn.Exists(entry => OwnTimeOf(entry) > window.ToNs || IsImplausible(entry));
            Move(own.Key, refusedOwn, MaxLateTries, answer, window with
            {
                FromNs = Math.Max(window.FromNs, LatestOwn(refusedOwn) is { } latest ? latest + 1 : long.MinValue),
                TooOldTargetNs = targetNs,
                PresentNs = isPresent || window.PresentNs == long.MinValue ? Math.Max(targetNs, window.PresentNs) : window.PresentNs,
            }, isLate: true);
        }
    }

    /// <summary>Returns the key of a record's window: the records of a stream share one window, and a report of a loss has its own.</summary>
    private static object KeyOf(BatchEntry entry) => entry.Run.IsLossReport ? entry.Run : entry.Run.Stream;

    private void Move(object key, List<BatchEntry> refused, int maxTries, PushAnswer answer, TimeWindow window, bool isLate = false)
    {
        LogStream stream = refused[0].Run.Stream;
        int tries = _tries[key] = _tries.GetValueOrDefault(key) + 1;
        if (tries > maxTries)
        {
            pending.MarkUnconfirmed(refused);
            pending.Rewind(stream, answer);
            return;
        }

        HashSet<BatchEntry> wanted = [.. refused];
        List<BatchEntry> own = pending.RecordsOf(stream);
        if (tries == 1 && !isLate && FindFollowing(own, wanted) is { } followingNs)
        {
            // Keep the refused records before those that follow, which are stored.
            window = window with { PresentNs = Math.Min(window.PresentNs, followingNs - refused.Count), TooOldTargetNs = Math.Min(window.TooOldTargetNs, followingNs - refused.Count) };
        }

        // Do this before the window changes: the window shows which records were moved already.
        List<(BatchEntry Entry, long OwnNs, bool IsAgain)> refusedInOrder =
            [.. own.Where(wanted.Contains).Select(entry => (entry, OwnTimeOf(entry), IsAgain: entry.MovedNs is not null || OwnTimeOf(entry) != TimeOf(entry)))];
        bool isStoredInPart = own.Count < slices.GetEntries().Count(entry => entry.Run.Stream == stream);
        foreach (Run run in slices.Runs)
        {
            if ((run == key || (stream == key && run.Stream == stream && !run.IsLossReport)) && !run.IsRemoved)
            {
                run.StoredWindow ??= isStoredInPart && run.DependsOnWindow ? run.Window : null;
                run.Window = window;
                run.DependsOnWindow = true;
                run.LastMovedNs = StreamClock.None;
            }
        }

        long lastNs = StreamClock.None;
        var moved = new Dictionary<BatchEntry, BatchEntry>(refused.Count);
        foreach ((BatchEntry entry, long ownNs, bool isAgain) in refusedInOrder)
        {
            entry.Run.LastMovedNs = lastNs;
            moved.Add(entry, entry.WithTime(entry.Run.Move(ownNs)));
            lastNs = entry.Run.LastMovedNs;
            entry.Run.Retimed += isAgain ? default : isLate ? new RetimedRecords(0, 0, 1) : ownNs > window.ToNs ? new RetimedRecords(0, 1, 0) : new RetimedRecords(1, 0, 0);
        }

        pending.Replace(moved);
        HasUnsavedTimes = true;
    }

    /// <summary>Finds the earliest time of the records that follow the first refused one; null if there are none, or if they leave no room.</summary>
    private long? FindFollowing(List<BatchEntry> own, HashSet<BatchEntry> refused)
    {
        int first = own.FindIndex(refused.Contains);
        long earliestNs = own.Skip(first).Where(entry => !refused.Contains(entry)).Select(TimeOf).DefaultIfEmpty(long.MaxValue).Min();
        long beforeNs = own.Take(first).Select(TimeOf).DefaultIfEmpty(long.MinValue).Max();
        return earliestNs == long.MaxValue || earliestNs - refused.Count <= beforeNs ? null : earliestNs;
    }

    private long? LatestOwn(List<BatchEntry> entries) => entries.Where(HasOwnTime).Select(TimeOf).Cast<long?>().Max();

    private long? EarliestOwn(List<BatchEntry> entries) => entries.Where(HasOwnTime).Select(TimeOf).Cast<long?>().Min();

    private bool IsImplausible(BatchEntry entry) => OwnTimeOf(entry) < TimeWindow.FirstPlausibleNs;

    private bool HasOwnTime(BatchEntry entry) => entry.MovedNs is null && OwnTimeOf(entry) == TimeOf(entry);

    private long TimeOf(BatchEntry entry) => slices.Read(entry, out _, out _);

    /// <summary>Returns the time that a record had before a window moved it.</summary>
    private long OwnTimeOf(BatchEntry entry)
    {
        long encodedNs = slices.Read(entry with { MovedNs = null, OmitsMetadata = false }, out _, out ReadOnlySpan<byte> metadata);
        return entry.Run.DependsOnWindow
            && PushRequestReader.TryFindMetadata(metadata, PushRequestWriter.OriginalTimestamp, out ReadOnlySpan<byte> original)
            && _timestamps.TryParse(original, out long originalNs, out _)
            && (originalNs < entry.Run.Window.FromNs || originalNs > entry.Run.Window.ToNs)
            ? originalNs : encodedNs;
    }
}
