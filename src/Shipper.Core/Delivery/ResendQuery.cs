using System.IO.Hashing;
using Shipper.Loki;

namespace Shipper.Delivery;

/// <summary>
/// Asks Loki which of the given records it has. One paged query over their times covers all streams. Times that are far apart get separate queries, so that
/// nothing between them is read.
/// </summary>
/// <remarks>Not thread-safe.</remarks>
internal sealed class ResendQuery : IEntryVisitor
{
    /// <summary>Two times that are further apart get separate queries, in nanoseconds.</summary>
    private const long MaxGapNs = 60L * 1_000_000_000;

    private readonly BatchSlices _slices;
    private readonly List<(Dictionary<string, string> Labels, StreamAttributes Attributes)> _streams = [];
    private readonly Dictionary<StreamAttributes, int> _streamOf = [];
    private readonly HashSet<(int Stream, long TimestampNs, ulong Line)> _asked = [];
    private readonly HashSet<(int Stream, long TimestampNs, ulong Line)> _found = [];
    private readonly List<long> _times;
    private int _current = -1;

    /// <param name="entries">The records to ask for, at least one.</param>
    public ResendQuery(BatchSlices slices, IReadOnlyCollection<BatchEntry> entries)
    {
        _slices = slices;
        _times = new List<long>(entries.Count);
        foreach (BatchEntry entry in entries)
        {
            (int Stream, long TimestampNs, ulong Line) key = KeyOf(entry);
            _asked.Add(key);
            _times.Add(key.TimestampNs);
        }

        _times.Sort();
    }

    /// <summary>Sends the queries. Can be called again.</summary>
    /// <returns>The first failure, or the outcome <see cref="QueryOutcome.Answered"/>.</returns>
    public async Task<QueryAnswer> AskAsync(IPushClient client, CancellationToken givingUp)
    {
        // One selector, unless records were sent before cluster or node was renamed.
        foreach (string selector in _streams.Select(stream => SelectorOf(stream.Labels)).Distinct().ToList())
        {
            QueryAnswer answer = await AskAsync(client, selector, givingUp);
            if (answer.Outcome != QueryOutcome.Answered)
            {
                return answer;
            }
        }

        return new QueryAnswer(QueryOutcome.Answered);
    }

    private async Task<QueryAnswer> AskAsync(IPushClient client, string selector, CancellationToken givingUp)
    {
        int first = 0;
        for (int i = 1; i <= _times.Count; i++)
        {
            if (i < _times.Count && _times[i] - _times[i - 1] <= MaxGapNs)
            {
                continue;
            }

            for (long? from = _times[first]; from <= _times[i - 1] && _found.Count < _asked.Count;)
            {
                QueryAnswer answer = await client.AskAsync(selector, from.Value, _times[i - 1], this, givingUp);
                if (answer.Outcome != QueryOutcome.Answered)
                {
                    return answer;
                }

                from = answer.NextNs;
            }

            first = i;
        }

        return new QueryAnswer(QueryOutcome.Answered);
    }

    /// <summary>True if the answers so far show that Loki has a record.</summary>
    public bool IsFound(BatchEntry entry) => _found.Contains(KeyOf(entry));

    public void BeginStream(IReadOnlyDictionary<string, string> labels)
    {
        // Loki adds labels of its own, and returns structured metadata as labels: our stream is the one with the most labels in common.
        _current = -1;
        for (int i = 0; i < _streams.Count; i++)
        {
            if (_streams[i].Labels.All(label => labels.TryGetValue(label.Key, out string? value) && value == label.Value)
                && (_current < 0 || _streams[i].Labels.Count > _streams[_current].Labels.Count))
            {
                _current = i;
            }
        }
    }

    public void Visit(long timestampNs, ReadOnlySpan<byte> line)
    {
        if (_current >= 0 && (_current, timestampNs, XxHash3.HashToUInt64(line)) is var key && _asked.Contains(key))
        {
            _found.Add(key);
        }
    }

    /// <summary>Builds a selector from the labels that all streams of an agent have in common.</summary>
    private static string SelectorOf(Dictionary<string, string> labels) =>
        StreamLabels.Create(labels.Where(label => label.Key is "cluster" or "node" || !labels.ContainsKey("cluster"))).Selector;

    private (int Stream, long TimestampNs, ulong Line) KeyOf(BatchEntry entry)
    {
        long timestampNs = _slices.Read(entry, out ReadOnlySpan<byte> line, out _);
        return (StreamOf(entry.Run.Attributes), timestampNs, XxHash3.HashToUInt64(line));
    }

    /// <summary>Returns the index of a stream. Attributes that differ only in their metadata are one stream.</summary>
    private int StreamOf(StreamAttributes attributes)
    {
        if (!_streamOf.TryGetValue(attributes, out int index))
        {
            index = _streams.FindIndex(stream => stream.Attributes.Labels.Encoded.AsSpan().SequenceEqual(attributes.Labels.Encoded));
            if (index < 0)
            {
                index = _streams.Count;
                _streams.Add((attributes.Labels.ToDictionary(), attributes));
            }

            _streamOf.Add(attributes, index);
        }

        return index;
    }
}
