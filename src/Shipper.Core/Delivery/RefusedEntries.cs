using Shipper.Loki;

namespace Shipper.Delivery;

/// <summary>
/// Finds the entries of a request that a distributor refused. The distributor says how many entries it refused for each reason, and applies the same checks to
/// all entries. This class repeats each check: if it finds the same number of entries, these are the refused ones, and all others are stored.
/// </summary>
/// <remarks>One instance per response; not thread-safe.</remarks>
internal sealed class RefusedEntries
{
    private const long Second = 1_000_000_000;

    private readonly BatchSlices _slices;
    private readonly ValidationErrors _errors;
    private readonly Dictionary<BatchEntry, RefusalKind> _kinds = [];

    private RefusedEntries(BatchSlices slices, ValidationErrors errors)
    {
        _slices = slices;
        _errors = errors;
    }

    /// <summary>The refused entries, each with the reason.</summary>
    public IReadOnlyDictionary<BatchEntry, RefusalKind> Kinds => _kinds;

    /// <summary>Finds the refused entries.</summary>
    /// <param name="request">The entries that were sent.</param>
    /// <param name="errors">The errors that the distributor reported.</param>
    /// <returns>Null if the response does not show which entries were refused.</returns>
    public static RefusedEntries? TryFind(BatchSlices slices, List<BatchEntry> request, ValidationErrors errors)
    {
        var found = new RefusedEntries(slices, errors);
        return errors.IsComplete && found.TryFindStreams(request) && found.TryFindEntries(request) && found._kinds.Count > 0 ? found : null;
    }

    /// <summary>Returns the refused entries of the given kinds, in the order of the request.</summary>
    public List<BatchEntry> EntriesOf(IEnumerable<BatchEntry> request, params ReadOnlySpan<RefusalKind> kinds)
    {
        var found = new List<BatchEntry>();
        foreach (BatchEntry entry in request)
        {
            if (_kinds.TryGetValue(entry, out RefusalKind kind) && kinds.Contains(kind))
            {
                found.Add(entry);
            }
        }

        return found;
    }

    /// <summary>Finds the entries of streams that are refused as a whole. Loki checks labels first.</summary>
    private bool TryFindStreams(List<BatchEntry> request)
    {
        foreach (ValidationError error in _errors.All.Where(error => error.Kind is RefusalKind.Labels or RefusalKind.LabelsMissing))
        {
            string[] selectors = [.. request.Select(entry => entry.Run.Attributes.Labels.Selector).Distinct()];

            // Some releases don't name the stream. Then it is known only if all streams are refused.
            HashSet<string> named = error.Stream is null
                ? error.Count >= selectors.Length ? [.. selectors] : []
                : [.. selectors.Where(selector => PushAnswer.IsSameStream(error.Stream, selector))];
            if (named.Count == 0)
            {
                return false;
            }

            foreach (BatchEntry entry in request.Where(entry => named.Contains(entry.Run.Attributes.Labels.Selector)))
            {
                _kinds[entry] = error.Kind;
            }
        }

        return true;
    }

    /// <summary>Finds entries that are refused individually. Loki checks an entry's time first, then its length, then its metadata.</summary>
    private bool TryFindEntries(List<BatchEntry> request)
    {
        List<(long TimestampNs, BatchEntry Entry)> times = [.. request.Where(entry => !_kinds.ContainsKey(entry)).Select(entry => (_slices.Read(entry, out _, out _), entry)).OrderBy(one => one.Item1)];
        int old = _errors.CountOf(RefusalKind.TooOld);
        int fresh = times.Count - _errors.CountOf(RefusalKind.TooNew);
        if (old > fresh || fresh < 0 || !IsEdge(times, old) || !IsEdge(times, fresh)
            || (old > 0 && !IsOldest(times, old)) || (fresh < times.Count && times[fresh].TimestampNs / Second != _errors.Find(RefusalKind.TooNew)!.Value.Limit / Second))
        {
            return false;
        }

        times[..old].ForEach(one => _kinds[one.Entry] = RefusalKind.TooOld);
        times[fresh..].ForEach(one => _kinds[one.Entry] = RefusalKind.TooNew);
        List<BatchEntry> others = [.. times[old..fresh].Select(one => one.Entry)];
        return TryFindAbove(others, RefusalKind.LineTooLong) && TryFindAbove(others, RefusalKind.MetadataNotAllowed)
            && TryFindAbove(others, RefusalKind.MetadataTooLarge) && TryFindAbove(others, RefusalKind.MetadataTooMany);
    }

    /// <summary>True if no two entries with the same time are on different sides of the index: Loki refuses all entries of a time, or none.</summary>
    private static bool IsEdge(List<(long TimestampNs, BatchEntry Entry)> times, int index) =>
        index == 0 || index == times.Count || times[index - 1].TimestampNs < times[index].TimestampNs;

    private bool IsOldest(List<(long TimestampNs, BatchEntry Entry)> times, int old)
    {
        long oldestNs = _errors.Find(RefusalKind.TooOld)!.Value.Limit;
        return times[old - 1].TimestampNs < oldestNs + Second && (old == times.Count || times[old].TimestampNs >= oldestNs);
    }

    private bool TryFindAbove(List<BatchEntry> entries, RefusalKind kind)
    {
        if (_errors.Find(kind) is not { } error)
        {
            return true;
        }

        List<BatchEntry> above = entries.FindAll(entry => IsAbove(entry, kind, error.Limit));
        above.ForEach(entry => _kinds[entry] = kind);
        entries.RemoveAll(_kinds.ContainsKey);
        return above.Count == _errors.CountOf(kind);
    }

    private bool IsAbove(BatchEntry entry, RefusalKind kind, long limit)
    {
        _slices.Read(entry, out ReadOnlySpan<byte> line, out ReadOnlySpan<byte> metadata);
        int pairs = PushRequestReader.CountMetadata(metadata, out int bytes);
        return kind switch
        {
            RefusalKind.LineTooLong => line.Length > limit,
            RefusalKind.MetadataNotAllowed => pairs > 0,
            RefusalKind.MetadataTooLarge => bytes > limit,
            _ => pairs > limit,
        };
    }
}
