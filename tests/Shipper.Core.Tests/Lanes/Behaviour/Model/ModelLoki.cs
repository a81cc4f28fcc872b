using Shipper.Core.Tests.Support;
using Shipper.Loki;
using Shipper.Protocol;
using Shipper.Records;
using Shipper.Testing;
using Shipper.Testing.Loki;

namespace Shipper.Core.Tests.Lanes.Behaviour.Model;

/// <summary>
/// A Loki that answers when the model tells it to, and remembers what it stored. It behaves as badly as the real one: responses get lost although it stored
/// all, a part or none of a request; it refuses one stream and may or may not store the others; it is down for a while. It also freezes: requests wait in
/// its socket buffers, and when it continues it answers queries before it has processed all of these requests. It refuses times as the real one does.
/// </summary>
internal sealed class ModelLoki(Random random, TimeProvider time) : IPushClient
{
    /// <summary>Maximum time that it needs to process a request in its socket buffers.</summary>
    private static readonly TimeSpan MaxWork = TimeSpan.FromSeconds(3);

    private static readonly TimeSpan MaxAge = TimeSpan.FromDays(7);
    private static readonly TimeSpan Grace = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan MaxBehind = TimeSpan.FromHours(1);

    // The requests in its socket buffers, and the remaining working time until each is processed.
    private readonly List<(PushRequest Request, TimeSpan Left)> _queued = [];
    private readonly HashSet<PushRequest> _orphans = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<string, long> _newestNs = [];
    private readonly HashSet<StreamAdapter> _cut = new(ReferenceEqualityComparer.Instance);
    private int _answersDown;

    private TaskCompletionSource<PushAnswer>? _pending;
    private PushRequest? _request;

    /// <summary>All stored entries, by the labels of their stream.</summary>
    public Dictionary<string, List<EntryAdapter>> Stored { get; } = [];

    public bool HasPending => _pending is not null;

    /// <summary>Lines stored after the death of the agent that sent them: the next agent does not wait for them if their file is gone.</summary>
    public HashSet<string> StoredLate { get; } = [];

    /// <summary>True while Loki is frozen.</summary>
    public bool IsFrozen { get; private set; }

    public Task<QueryAnswer> AskAsync(string selector, long fromNs, long toNs, IEntryVisitor found, CancellationToken stopping) =>
        Task.FromResult(IsFrozen ? new QueryAnswer(QueryOutcome.Failed, "no answer") : StoredEntries.Answer(Stored, fromNs, toNs, found));

    public Task<QueryAnswer> AskNewestAsync(string selector, long fromNs, long toNs, CancellationToken stopping) =>
        Task.FromResult(new QueryAnswer(QueryOutcome.Answered));

    public Task<PushAnswer> ProbeAsync(CancellationToken stopping) =>
        Task.FromResult(IsFrozen ? new PushAnswer(PushVerdict.Unconfirmed, "timeout") : StoredEntries.ProbeAnswer);

    public void Freeze() => IsFrozen = true;

    public void Thaw() => IsFrozen = false;

    /// <summary>The agent's push times out.</summary>
    public void TimeOut()
    {
        Queue();
        Answer(new PushAnswer(PushVerdict.Unconfirmed, "timeout"));
    }

    /// <summary>Time passes, during which Loki works unless it is frozen.</summary>
    public void Work(TimeSpan time)
    {
        for (int i = _queued.Count - 1; i >= 0 && !IsFrozen; i--)
        {
            _queued[i] = (_queued[i].Request, _queued[i].Left - time);
            if (_queued[i].Left <= TimeSpan.Zero)
            {
                Store(_queued[i].Request);
                if (_orphans.Remove(_queued[i].Request))
                {
                    StoredLate.UnionWith(_queued[i].Request.Streams.SelectMany(stream => stream.Entries).Select(entry => entry.Line));
                }

                _queued.RemoveAt(i);
            }
        }
    }

    public Task<PushAnswer> PushAsync(ReadOnlyMemory<byte> body, CancellationToken stopping)
    {
        _request = PushBody.Read(body.Span);
        _pending = new TaskCompletionSource<PushAnswer>();
        return _pending.Task;
    }

    /// <summary>Stores the push, except entries with refused times, and answers accordingly.</summary>
    public void Answer()
    {
        List<string> refusals = RefuseTimes(_request!);
        string? late = StoreInTime(_request!);
        Answer(late is not null ? LokiAnswers.Read(400, late) : refusals.Count > 0 ? LokiAnswers.Read(400, LokiMessages.Group(refusals)) : LokiAnswers.Read(204, ""));
    }

    /// <summary>Answers the push, usually with success.</summary>
    /// <returns>What Loki did.</returns>
    public string AnswerRandomly()
    {
        switch (_answersDown > 0 ? 0 : random.Next(10))
        {
            case 0:
                _answersDown = _answersDown > 0 ? _answersDown - 1 : random.Next(8);
                Answer(LokiAnswers.Read(500, "rpc error: code = Unavailable"));
                return "500, nothing stored";
            case 1:
                bool isStored = random.Next(2) == 0;
                if (isStored)
                {
                    Store(_request!);
                }

                Answer(new PushAnswer(PushVerdict.Unconfirmed, "timeout"));
                return isStored ? "no answer, stored" : "no answer, not stored";
            case 2:
                StoreInPart();
                Answer(LokiAnswers.Read(random.Next(2) == 0 ? 500 : 503, "some ingesters are away"));
                return "5xx, stored in part";
            case 3 or 4:
                // An ingester refuses its whole part of the stream; the response does not show what was stored of the other streams.
                string refused = _request!.Streams[random.Next(4) == 0 ? random.Next(_request.Streams.Count) : ^1].Labels;
                StoreInPart(refused);
                Answer(LokiAnswers.Read(429, $"Per stream rate limit exceeded (limit: 3MB/sec) while attempting to ingest for stream '{refused}' totaling 1MB"));
                return $"429 for {refused}";
            default:
                Answer();
                return "204";
        }
    }

    /// <summary>The agent dies during a push, which is stored or not.</summary>
    public void Die(bool isStored)
    {
        _answersDown = 0;
        if (IsFrozen && _pending is not null)
        {
            Queue();
        }

        _orphans.UnionWith(_queued.Select(queued => queued.Request));
        if (!IsFrozen && isStored && _pending is not null)
        {
            Store(_request!);
        }

        _pending = null;
    }

    private void Answer(PushAnswer answer)
    {
        TaskCompletionSource<PushAnswer> pending = _pending!;
        _pending = null;
        pending.SetResult(answer with { Date = time.GetUtcNow() });
    }

    private void Queue() => _queued.Add((_request!, random.NextDouble() * MaxWork));

    private void Store(PushRequest request)
    {
        RefuseTimes(request);
        StoreInTime(request);
    }

    /// <summary>The distributor's checks remove refused entries from the request.</summary>
    private List<string> RefuseTimes(PushRequest request)
    {
        var refusals = new List<string>();
        long oldestNs = UnixTime.ToNanoseconds(time.GetUtcNow() - MaxAge);
        long latestNs = UnixTime.ToNanoseconds(time.GetUtcNow() + Grace);
        foreach (StreamAdapter stream in request.Streams)
        {
            for (int i = stream.Entries.Count - 1; i >= 0; i--)
            {
                long timeNs = TimeOf(stream.Entries[i]);
                if (timeNs >= oldestNs && timeNs <= latestNs)
                {
                    continue;
                }

                refusals.Add(timeNs < oldestNs ? LokiMessages.TooOld(stream.Labels, timeNs, oldestNs) : LokiMessages.TooNew(stream.Labels, timeNs));
                stream.Entries.RemoveAt(i);
            }
        }

        return refusals;
    }

    /// <summary>An ingester's check: an entry too far behind the newest of its stream is not stored. The error names one stream.</summary>
    private string? StoreInTime(PushRequest request)
    {
        string? late = null;
        foreach (IGrouping<string, StreamAdapter> stream in request.Streams.GroupBy(stream => stream.Labels, StringComparer.Ordinal))
        {
            List<EntryAdapter> entries = [.. stream.SelectMany(part => part.Entries)];
            long newestNs = _newestNs.GetValueOrDefault(stream.Key, long.MinValue);
            int ignored = 0;
            string reasons = "";
            foreach (EntryAdapter entry in entries)
            {
                long timeNs = TimeOf(entry);
                long oldestNs = newestNs == long.MinValue ? long.MinValue : newestNs - (MaxBehind.Ticks * 100);
                if (timeNs >= oldestNs)
                {
                    Store(stream.Key, [entry]);
                    newestNs = _newestNs[stream.Key];
                    continue;
                }

                reasons += ignored++ < 10 ? LokiMessages.Ignored(timeNs, new LokiMessages(new Version(3, 7)).TooFarBehind(timeNs, oldestNs)) : "";
            }

            late = ignored > 0 ? reasons + LokiMessages.TotalIgnored("fake", ignored, entries.Count, stream.Key) : late;
        }

        return late;
    }

    private static long TimeOf(EntryAdapter entry) => (entry.Timestamp.Seconds * 1_000_000_000) + entry.Timestamp.Nanos;

    /// <summary>Stores all, nothing, or the first entries of each stream: if an entry is missing, those after it are missing, too.</summary>
    private void StoreInPart(string? without = null)
    {
        // Equal labels are one stream, regardless of the metadata: no entry of it is stored after a missing one.
        RefuseTimes(_request!);
        foreach (StreamAdapter stream in _request!.Streams.Where(stream => stream.Entries.Count > 0))
        {
            int part = random.Next(3);
            int count = stream.Labels == without || part == 0 || _request.Streams.TakeWhile(other => other != stream).Any(other => other.Labels == stream.Labels && _cut.Contains(other)) ? 0
                : part == 1 ? stream.Entries.Count : random.Next(stream.Entries.Count);
            while (stream.Entries.Count > count)
            {
                _cut.Add(stream);
                stream.Entries.RemoveAt(stream.Entries.Count - 1);
            }
        }

        _cut.Clear();
        StoreInTime(_request!);
    }

    private void Store(string labels, IEnumerable<EntryAdapter> added)
    {
        if (!Stored.TryGetValue(labels, out List<EntryAdapter>? entries))
        {
            Stored[labels] = entries = [];
            _newestNs[labels] = long.MinValue;
        }

        foreach (EntryAdapter entry in added)
        {
            entries.Add(entry);
            _newestNs[labels] = Math.Max(_newestNs[labels], TimeOf(entry));
        }
    }
}
