using Microsoft.Extensions.Logging;
using Shipper.Batching;
using Shipper.Loki;

namespace Shipper.Delivery;

/// <summary>The records of a batch that are not settled, and the streams that go back.</summary>
/// <remarks>Not safe for concurrent use.</remarks>
internal sealed class OpenRecords(ILogger logger, BatchSlices slices, RequestLayout layout, long maxRequestBytes)
{
    private readonly List<BatchEntry> _left = slices.GetEntries();
    private readonly List<Refusal> _refusals = [];

    // Loki has some of them, or may have.
    private readonly HashSet<LogStream> _maybeStored = [];

    public int Count => _left.Count;

    /// <summary>The streams that went back, in their order.</summary>
    public IReadOnlyList<Refusal> Refusals => _refusals;

    /// <summary>All of them.</summary>
    public List<BatchEntry> All() => [.. _left];

    /// <summary>The most bytes of a request, uncompressed; one record may have more.</summary>
    public long MaxBytes { get; set; } = maxRequestBytes;

    /// <summary>True where a request is to have one stream only.</summary>
    public bool IsOneStream { get; set; }

    /// <summary>The next request: all that is left, if it may be so large.</summary>
    public List<BatchEntry> Next()
    {
        long bytes = 0;
        long written = 0;
        StreamAttributes? attributes = null;
        int count = _left.FindIndex(entry =>
        {
            // Records that were moved are longer than they were, and must fit into the buffer with the labels.
            written += entry.Length + (entry.Run.Attributes == attributes ? 0 : PushRequestWriter.StreamHeaderBytes + entry.Run.Attributes.Labels.Encoded.Length);
            attributes = entry.Run.Attributes;
            return (bytes += entry.Length) > MaxBytes || written > slices.MaxRequestBytes || (IsOneStream && entry.Run.Stream != _left[0].Run.Stream);
        });
        return _left.GetRange(0, count < 0 ? _left.Count : Math.Max(count, 1));
    }

    /// <summary>The records of a stream, in their order.</summary>
    public List<BatchEntry> InOrder(LogStream stream) => _left.FindAll(entry => entry.Run.Stream == stream);

    /// <summary>Replaces records by the form in which they are to be sent.</summary>
    /// <param name="forms">The new form by the present one.</param>
    public void Replace(Dictionary<BatchEntry, BatchEntry> forms)
    {
        for (int i = 0; i < _left.Count; i++)
        {
            _left[i] = forms.GetValueOrDefault(_left[i], _left[i]);
        }
    }

    /// <summary>Leaves out the structured metadata of records.</summary>
    public void LeaveOutMetadata(List<BatchEntry> entries)
    {
        var forms = new Dictionary<BatchEntry, BatchEntry>(entries.Count);
        foreach (BatchEntry entry in entries)
        {
            if (slices.HasMetadata(entry))
            {
                forms.Add(entry, entry with { IsBare = true });
                entry.Run.BareRecords++;
            }
        }

        Replace(forms);
    }

    /// <summary>The next requests have half as many bytes as this one.</summary>
    /// <param name="request">The request.</param>
    /// <param name="minBytes">Lower bound in bytes.</param>
    public void Halve(List<BatchEntry> request, int minBytes) => MaxBytes = Math.Max(request.Sum(entry => (long)entry.Length) / 2, minBytes);

    /// <summary>The next requests may have twice as many bytes.</summary>
    /// <param name="limit">Upper bound in bytes.</param>
    public void Grow(long limit) => MaxBytes = Math.Min(MaxBytes > int.MaxValue ? MaxBytes : MaxBytes * 2, limit);

    /// <summary>Takes out what Loki has.</summary>
    public void Store(IReadOnlyCollection<BatchEntry> entries)
    {
        Remove(entries);
        MaybeStored(entries);
    }

    /// <summary>Loki may have some of these: should one of their streams be refused, they can be asked for when they are read again.</summary>
    public void MaybeStored(IEnumerable<BatchEntry> entries) => _maybeStored.UnionWith(entries.Select(entry => entry.Run.Stream));

    /// <summary>Drops records, says so, and notes it with their runs, which count when they are acknowledged.</summary>
    /// <param name="entries">The records; there may be none.</param>
    /// <param name="reason">Why, one of <see cref="Telemetry.DropReasons"/>.</param>
    /// <param name="answer">What was answered.</param>
    public void Drop(List<BatchEntry> entries, string reason, PushAnswer answer)
    {
        if (entries.Count == 0)
        {
            return;
        }

        DeliveryEvents.RecordsDropped(logger, entries.Count, reason, answer.Status, answer.Message, Describe(entries));
        foreach (IGrouping<Run, BatchEntry> own in entries.GroupBy(entry => entry.Run))
        {
            own.Key.Refused.Add((reason, own.Count()));
        }

        Remove(entries);
    }

    /// <summary>A stream is not taken now: it goes back to its source.</summary>
    public void GoBack(LogStream stream, PushAnswer answer)
    {
        bool isInPart = _maybeStored.Contains(stream) || _left.Exists(entry => entry.Run.Stream == stream && entry.Run.IsLeftOpen);
        _left.RemoveAll(entry => entry.Run.Stream == stream);
        _refusals.Add(new Refusal(stream, isInPart, layout.BytesOf(stream), answer.Message));
    }

    /// <summary>Puts a stream behind the others.</summary>
    /// <returns>False where there is no other.</returns>
    public bool TryPutLast(LogStream stream)
    {
        List<BatchEntry> own = InOrder(stream);
        if (own.Count == _left.Count)
        {
            return false;
        }

        _left.RemoveAll(entry => entry.Run.Stream == stream);
        _left.AddRange(own);
        return true;
    }

    private void Remove(IReadOnlyCollection<BatchEntry> entries)
    {
        var removed = entries.ToHashSet();
        _left.RemoveAll(removed.Contains);
    }

    private static string Describe(List<BatchEntry> entries)
    {
        const int MaxNamed = 3;
        string[] streams = [.. entries.Select(entry => entry.Run.Attributes.Labels.Selector).Distinct()];
        string named = string.Join(", ", streams.Take(MaxNamed));
        return streams.Length <= MaxNamed ? named : FormattableString.Invariant($"{named} and {streams.Length - MaxNamed} more streams");
    }
}
