using Microsoft.Extensions.Logging;
using Shipper.Batching;
using Shipper.Loki;

namespace Shipper.Delivery;

/// <summary>The records of a batch that are not settled, and the streams that Loki refused.</summary>
/// <remarks>Not thread-safe.</remarks>
internal sealed class PendingRecords(ILogger logger, BatchSlices slices, RequestLayout layout, long maxRequestBytes)
{
    private readonly List<BatchEntry> _pending = slices.GetEntries();
    private readonly List<Refusal> _refusals = [];

    // The streams with records that Loki has, or may have.
    private readonly HashSet<LogStream> _unconfirmed = [];

    public int Count => _pending.Count;

    /// <summary>The streams that Loki refused for now, in the order of the refusals.</summary>
    public IReadOnlyList<Refusal> Refusals => _refusals;

    /// <summary>Returns all records that are not settled.</summary>
    public List<BatchEntry> All() => [.. _pending];

    /// <summary>Upper bound in bytes of an uncompressed request. A single record may exceed it.</summary>
    public long MaxBytes { get; set; } = maxRequestBytes;

    /// <summary>True if each request must have only one stream.</summary>
    public bool SeparatesStreams { get; set; }

    /// <summary>Returns the records of the next request: as many as the limits allow.</summary>
    public List<BatchEntry> NextRequest()
    {
        long bytes = 0;
        long written = 0;
        StreamAttributes? attributes = null;
        int count = _pending.FindIndex(entry =>
        {
            // Moved records are longer than before, and must fit into the buffer together with the labels.
            written += entry.Length + (entry.Run.Attributes == attributes ? 0 : PushRequestWriter.StreamHeaderBytes + entry.Run.Attributes.Labels.Encoded.Length);
            attributes = entry.Run.Attributes;
            return (bytes += entry.Length) > MaxBytes || written > slices.MaxRequestBytes || (SeparatesStreams && entry.Run.Stream != _pending[0].Run.Stream);
        });
        return _pending.GetRange(0, count < 0 ? _pending.Count : Math.Max(count, 1));
    }

    /// <summary>Returns the records of a stream, in their order.</summary>
    public List<BatchEntry> RecordsOf(LogStream stream) => _pending.FindAll(entry => entry.Run.Stream == stream);

    /// <summary>Replaces records with the form in which they will be sent.</summary>
    /// <param name="forms">The new form of each record by its present one.</param>
    public void Replace(Dictionary<BatchEntry, BatchEntry> forms)
    {
        for (int i = 0; i < _pending.Count; i++)
        {
            _pending[i] = forms.GetValueOrDefault(_pending[i], _pending[i]);
        }
    }

    /// <summary>Removes the structured metadata of records.</summary>
    public void OmitMetadata(List<BatchEntry> entries)
    {
        var forms = new Dictionary<BatchEntry, BatchEntry>(entries.Count);
        foreach (BatchEntry entry in entries)
        {
            if (slices.HasMetadata(entry))
            {
                forms.Add(entry, entry with { OmitsMetadata = true });
                entry.Run.RecordsWithoutMetadata++;
            }
        }

        Replace(forms);
    }

    /// <summary>Limits the next requests to half the bytes of this one.</summary>
    /// <param name="request">The request that was too large.</param>
    /// <param name="minBytes">Lower bound in bytes.</param>
    public void Halve(List<BatchEntry> request, int minBytes) => MaxBytes = Math.Max(request.Sum(entry => (long)entry.Length) / 2, minBytes);

    /// <summary>Allows twice as many bytes for the next requests.</summary>
    /// <param name="limit">Upper bound in bytes.</param>
    public void Grow(long limit) => MaxBytes = Math.Min(MaxBytes > int.MaxValue ? MaxBytes : MaxBytes * 2, limit);

    /// <summary>Removes the records that Loki has stored.</summary>
    public void RemoveStored(IReadOnlyCollection<BatchEntry> entries)
    {
        Remove(entries);
        MarkUnconfirmed(entries);
    }

    /// <summary>Notes that Loki may have some of these records. If their stream is refused, Loki is asked for them when they are read again.</summary>
    public void MarkUnconfirmed(IEnumerable<BatchEntry> entries) => _unconfirmed.UnionWith(entries.Select(entry => entry.Run.Stream));

    /// <summary>Drops records, and logs the reason. Their runs count them when they are acknowledged.</summary>
    /// <param name="entries">The records; there may be none.</param>
    /// <param name="reason">One of <see cref="Telemetry.DropReasons"/>.</param>
    public void Drop(List<BatchEntry> entries, string reason, PushAnswer answer)
    {
        if (entries.Count == 0)
        {
            return;
        }

        DeliveryEvents.RecordsDropped(logger, entries.Count, reason, answer.Status, answer.Message, Describe(entries));
        foreach (IGrouping<Run, BatchEntry> own in entries.GroupBy(entry => entry.Run))
        {
            own.Key.DroppedAfterRefusal.Add((reason, own.Count(), answer.Describe()));
        }

        Remove(entries);
    }

    /// <summary>Removes the records of a stream that Loki refuses for now. The stream will be rewound.</summary>
    public void Rewind(LogStream stream, PushAnswer answer)
    {
        bool isUnconfirmed = _unconfirmed.Contains(stream) || _pending.Exists(entry => entry.Run.Stream == stream && entry.Run.IsUnconfirmed);
        _pending.RemoveAll(entry => entry.Run.Stream == stream);
        _refusals.Add(new Refusal(stream, isUnconfirmed, layout.BytesOf(stream), answer.Message));
    }

    /// <summary>Moves a stream after all others.</summary>
    /// <returns>False if there is no other stream.</returns>
    public bool TryMoveToEnd(LogStream stream)
    {
        List<BatchEntry> own = RecordsOf(stream);
        if (own.Count == _pending.Count)
        {
            return false;
        }

        _pending.RemoveAll(entry => entry.Run.Stream == stream);
        _pending.AddRange(own);
        return true;
    }

    private void Remove(IReadOnlyCollection<BatchEntry> entries)
    {
        var removed = entries.ToHashSet();
        _pending.RemoveAll(removed.Contains);
    }

    private static string Describe(List<BatchEntry> entries)
    {
        const int MaxNamed = 3;
        string[] streams = [.. entries.Select(entry => entry.Run.Attributes.Labels.Selector).Distinct()];
        string named = string.Join(", ", streams.Take(MaxNamed));
        return streams.Length <= MaxNamed ? named : FormattableString.Invariant($"{named} and {streams.Length - MaxNamed} more streams");
    }
}
