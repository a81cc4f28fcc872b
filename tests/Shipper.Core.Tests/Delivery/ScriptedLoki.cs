using System.Text;
using Shipper.Core.Tests.Support;
using Shipper.Loki;
using Shipper.Protocol;
using Shipper.Testing;
using Shipper.Testing.Loki;

namespace Shipper.Core.Tests.Delivery;

/// <summary>The double's store behind the client's interface, so that time is the test's.</summary>
internal sealed class ScriptedLoki(LokiLimits limits, TimeProvider time) : IPushClient
{
    private readonly LokiStore _store = new(limits, time);

    /// <summary>Answers to give instead of Loki's own; null lets Loki answer.</summary>
    public Queue<Func<PushRequest, PushAnswer?>> Script { get; } = [];

    /// <summary>Answers behind the end of the script; null lets Loki answer.</summary>
    public Func<PushRequest, PushAnswer?> Answer { get; set; } = static _ => null;

    /// <summary>What queries are answered; null: with what is stored.</summary>
    public Func<QueryAnswer?> Asked { get; set; } = static () => null;

    public List<PushRequest> Requests { get; } = [];

    /// <summary>What Loki answered by itself.</summary>
    public List<string> Answers { get; } = [];

    public int Questions => Selectors.Count;

    /// <summary>What was asked for, one for each query.</summary>
    public List<string> Selectors { get; } = [];

    /// <summary>Lines that are stored, duplicates too.</summary>
    public IEnumerable<string> Stored(string labels) => _store.Streams
        .Where(stream => LabelSet.Format(stream.Labels.Where(label => label.Key != "service_name")) == labels)
        .SelectMany(stream => stream.Entries).Select(entry => entry.Line);

    /// <summary>Stores a request as Loki does.</summary>
    public PushAnswer Store(PushRequest request)
    {
        (int status, string body) = _store.Push(request, "fake");
        Answers.Add($"{status} {body}");
        return LokiAnswers.Read(status, body.Trim()) with { Date = (GatewayTime ?? time).GetUtcNow() };
    }

    /// <summary>The clock of who answers, where that is not Loki's.</summary>
    public TimeProvider? GatewayTime { get; set; }

    public Task<PushAnswer> PushAsync(ReadOnlyMemory<byte> body, CancellationToken stopping)
    {
        PushRequest request = PushBody.Read(body.Span);
        Requests.Add(request);
        return Task.FromResult((Script.TryDequeue(out Func<PushRequest, PushAnswer?>? answer) ? answer(request) : Answer(request)) ?? Store(request));
    }

    /// <summary>All entries of a stream, in the order in which they came.</summary>
    public IReadOnlyList<StoredEntry> EntriesOf(string labels) => [.. _store.Streams
        .Where(stream => LabelSet.Format(stream.Labels.Where(label => label.Key != "service_name")) == labels).SelectMany(stream => stream.Entries)];

    /// <summary>What a push that has nothing to store is answered.</summary>
    public Func<PushAnswer> Probed { get; set; } = static () => StoredEntries.Probed;

    /// <summary>How often one was sent.</summary>
    public int Probes { get; private set; }

    public Task<PushAnswer> ProbeAsync(CancellationToken stopping)
    {
        Probes++;
        return Task.FromResult(Probed());
    }

    /// <summary>The times of the questions for the newest entry.</summary>
    public List<(long FromNs, long ToNs)> Ranges { get; } = [];

    public Task<QueryAnswer> AskNewestAsync(string selector, long fromNs, long toNs, CancellationToken stopping)
    {
        Selectors.Add(selector);
        Ranges.Add((fromNs, toNs));
        long? newestNs = _store.Streams.SelectMany(stream => stream.Entries)
            .Where(entry => entry.TimestampNs >= fromNs && entry.TimestampNs <= toNs).Max(entry => (long?)entry.TimestampNs);
        return Task.FromResult(Asked() ?? new QueryAnswer(QueryOutcome.Answered, NewestNs: newestNs));
    }

    /// <summary>How long a question takes.</summary>
    public TimeSpan QuestionTime { get; set; }

    public async Task<QueryAnswer> AskAsync(string selector, long fromNs, long toNs, IEntryVisitor found, CancellationToken stopping)
    {
        Selectors.Add(selector);
        if (QuestionTime > TimeSpan.Zero)
        {
            await Task.Delay(QuestionTime, time, stopping);
        }

        if (Asked() is { } answer)
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
