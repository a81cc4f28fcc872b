using System.Globalization;
using System.Text;
using Shipper.Core.Tests.Support;
using Shipper.Loki;
using Shipper.Protocol;
using Shipper.Testing;
using Shipper.Testing.Loki;

namespace Shipper.Core.Tests.Journal;

/// <summary>Accepts everything, or everything except one stream.</summary>
internal sealed class JournalLoki : IPushClient
{
    private readonly HashSet<string> _known = [];

    public List<PushRequest> Requests { get; } = [];

    public List<(string Labels, long TimestampNs, string Line)> Stored { get; } = [];

    public int QueryCount { get; private set; }

    public bool WithholdsAnswers { get; set; }

    /// <summary>Stores the requests that it does not answer.</summary>
    public bool StoresWithheld { get; set; }

    public string? RefusedStream { get; set; }

    public int MaxStreams { get; set; } = int.MaxValue;

    public IEnumerable<(string Stream, string Line)> Entries() =>
        Requests.SelectMany(request => request.Streams).SelectMany(stream => stream.Entries.Select(entry => (stream.Labels.Split("unit=\"")[1].TrimEnd('}', '"'), entry.Line)));

    public Task<PushAnswer> ProbeAsync(CancellationToken stopping) => Task.FromResult(StoredEntries.ProbeAnswer);

    public Task<QueryAnswer> AskNewestAsync(string selector, long fromNs, long toNs, CancellationToken stopping) =>
        Task.FromResult(new QueryAnswer(QueryOutcome.Answered));

    public Task<QueryAnswer> AskAsync(string selector, long fromNs, long toNs, IEntryVisitor found, CancellationToken stopping)
    {
        QueryCount++;
        foreach ((string labels, long timestampNs, string line) in Stored.Where(entry => entry.TimestampNs >= fromNs && entry.TimestampNs <= toNs))
        {
            found.BeginStream(LabelSet.Parse(labels).ToDictionary());
            found.Visit(timestampNs, Encoding.UTF8.GetBytes(line));
        }

        return Task.FromResult(new QueryAnswer(QueryOutcome.Answered));
    }

    public Task<PushAnswer> PushAsync(ReadOnlyMemory<byte> body, CancellationToken stopping)
    {
        PushRequest request = PushBody.Read(body.Span);
        Requests.Add(request);
        if (WithholdsAnswers)
        {
            Stored.AddRange(StoresWithheld ? request.Streams.SelectMany(EntriesOf) : []);
            return new TaskCompletionSource<PushAnswer>().Task;
        }

        string? beyond = null;
        foreach (StreamAdapter stream in request.Streams.Where(stream => stream.Labels != RefusedStream))
        {
            if (!_known.Contains(stream.Labels) && _known.Count >= MaxStreams)
            {
                beyond = stream.Labels;
                continue;
            }

            _known.Add(stream.Labels);
            Stored.AddRange(EntriesOf(stream));
        }

        if (beyond is not null)
        {
            return Task.FromResult(LokiAnswers.Read(429, $"maximum active stream limit exceeded when trying to create stream {beyond}, reduce the number of active streams (reduce labels or reduce label values), or contact your Loki administrator to see if the limit can be increased, user: 'fewstreams'"));
        }

        return Task.FromResult(request.Streams.Any(stream => stream.Labels == RefusedStream)
            ? LokiAnswers.Read(429, string.Create(CultureInfo.InvariantCulture, $"entry with timestamp 2026-11-23 01:31:58 +0000 UTC ignored, reason: 'Per stream rate limit exceeded (limit: 10KB/sec) while attempting to ingest for stream '{RefusedStream!.Replace("}", ", service_name=\"x\"}", StringComparison.Ordinal)}' totaling 1000B, consider splitting a stream'"))
            : new PushAnswer(PushVerdict.Stored, "204"));
    }

    private static IEnumerable<(string Labels, long TimestampNs, string Line)> EntriesOf(StreamAdapter stream) =>
        stream.Entries.Select(entry => (stream.Labels, (entry.Timestamp.Seconds * 1_000_000_000) + entry.Timestamp.Nanos, entry.Line));
}
