using System.Text;
using Shipper.Core.Tests.Support;
using Shipper.Loki;
using Shipper.Protocol;
using Shipper.Testing;
using Shipper.Testing.Loki;

namespace Shipper.Core.Tests.Delivery;

/// <summary>The store of the Loki double behind the client's interface, so that the test controls the time.</summary>
internal sealed class ScriptedLoki(LokiLimits limits, TimeProvider time) : IPushClient
{
    private readonly LokiStore _store = new(limits, time);

    /// <summary>Scripted answers to the next pushes; null for Loki's own answer.</summary>
    public Queue<Func<PushRequest, PushAnswer?>> Script { get; } = [];

    /// <summary>Answers pushes once the script has ended; null to let Loki answer.</summary>
    public Func<PushRequest, PushAnswer?> OnPush { get; set; } = static _ => null;

    /// <summary>Answers queries; null to answer with the stored entries.</summary>
    public Func<QueryAnswer?> OnQuery { get; set; } = static () => null;

    public List<PushRequest> Requests { get; } = [];

    /// <summary>The answers of the store itself.</summary>
    public List<string> Answers { get; } = [];

    public int QueryCount => QueriedSelectors.Count;

    /// <summary>The selectors queried, one for each query.</summary>
    public List<string> QueriedSelectors { get; } = [];

    /// <summary>The stored lines of a stream, including duplicates.</summary>
    public IEnumerable<string> Stored(string labels) => _store.Streams
        .Where(stream => LabelSet.Format(stream.Labels.Where(label => label.Key != "service_name")) == labels)
        .SelectMany(stream => stream.Entries).Select(entry => entry.Line);

    public PushAnswer Store(PushRequest request)
    {
        (int status, string body) = _store.Push(request, "fake");
        Answers.Add($"{status} {body}");
        return LokiAnswers.Read(status, body.Trim()) with { Date = (GatewayTime ?? time).GetUtcNow() };
    }

    /// <summary>The clock of a gateway that sets the Date header; null for Loki's clock.</summary>
    public TimeProvider? GatewayTime { get; set; }

    public Task<PushAnswer> PushAsync(ReadOnlyMemory<byte> body, CancellationToken stopping)
    {
        PushRequest request = PushBody.Read(body.Span);
        Requests.Add(request);
        return Task.FromResult((Script.TryDequeue(out Func<PushRequest, PushAnswer?>? answer) ? answer(request) : OnPush(request)) ?? Store(request));
    }

    /// <summary>All entries of a stream, in the order of arrival.</summary>
    public IReadOnlyList<StoredEntry> EntriesOf(string labels) => [.. _store.Streams
        .Where(stream => LabelSet.Format(stream.Labels.Where(label => label.Key != "service_name")) == labels).SelectMany(stream => stream.Entries)];

    /// <summary>Answers a push that contains nothing to store.</summary>
    public Func<PushAnswer> OnProbe { get; set; } = static () => StoredEntries.ProbeAnswer;

    public int ProbeCount { get; private set; }

    public Task<PushAnswer> ProbeAsync(CancellationToken stopping)
    {
        ProbeCount++;
        return Task.FromResult(OnProbe());
    }

    /// <summary>The time ranges of the queries for the newest entry.</summary>
    public List<(long FromNs, long ToNs)> QueriedRanges { get; } = [];

    public Task<QueryAnswer> AskNewestAsync(string selector, long fromNs, long toNs, CancellationToken stopping)
    {
        QueriedSelectors.Add(selector);
        QueriedRanges.Add((fromNs, toNs));
        long? newestNs = _store.Streams.SelectMany(stream => stream.Entries)
            .Where(entry => entry.TimestampNs >= fromNs && entry.TimestampNs <= toNs).Max(entry => (long?)entry.TimestampNs);
        return Task.FromResult(OnQuery() ?? new QueryAnswer(QueryOutcome.Answered, NewestNs: newestNs));
    }

    public TimeSpan QueryDuration { get; set; }

    public async Task<QueryAnswer> AskAsync(string selector, long fromNs, long toNs, IEntryVisitor found, CancellationToken stopping)
    {
        QueriedSelectors.Add(selector);
        if (QueryDuration > TimeSpan.Zero)
        {
            // The query takes this long on the fake clock.
            await Task.Delay(QueryDuration, time, stopping);
        }

        if (OnQuery() is { } answer)
        {
            return answer;
        }

        foreach (StoredStream stream in _store.Streams)
        {
            found.BeginStream(stream.Labels.ToDictionary());
            foreach (StoredEntry entry in stream.Entries.Where(entry => entry.TimestampNs >= fromNs && entry.TimestampNs <= toNs))
            {
                found.Visit(entry.TimestampNs, Encoding.UTF8.GetBytes(entry.Line));
            }
        }

        return new QueryAnswer(QueryOutcome.Answered);
    }
}
