using Shipper.Loki;
using Shipper.Protocol;
using Shipper.Testing;

namespace Shipper.Lanes.Model;

/// <summary>
/// A Loki that answers when it is told to, and remembers what it stored. It is as bad as the real one: answers are lost behind what was stored,
/// in part or not at all, one stream is refused while another is taken or not, and all of it is down for a while.
/// </summary>
internal sealed class ModelLoki(Random random) : IPushClient
{
    private int _answersDown;

    private TaskCompletionSource<PushAnswer>? _pending;
    private PushRequest? _request;

    /// <summary>All entries that were stored, by the labels of their stream.</summary>
    public Dictionary<string, List<EntryAdapter>> Stored { get; } = [];

    /// <summary>Lines of pushes that were stored without the agent hearing of it.</summary>
    public HashSet<string> Unanswered { get; } = [];

    public bool HasPending => _pending is not null;

    public Task<QueryAnswer> AskAsync(string selector, long fromNs, long toNs, IEntryVisitor found, CancellationToken stopping) =>
        Task.FromResult(StoredEntries.Tell(Stored, fromNs, toNs, found));

    public Task<PushAnswer> PushAsync(ReadOnlyMemory<byte> body, CancellationToken stopping)
    {
        _request = PushBody.Read(body.Span);
        _pending = new TaskCompletionSource<PushAnswer>();
        return _pending.Task;
    }

    /// <summary>Stores the push and says so.</summary>
    public void Answer()
    {
        Store();
        Answer(LokiAnswers.Read(204, ""));
    }

    /// <summary>Answers the push, mostly well.</summary>
    /// <returns>What it did.</returns>
    public string AnswerSomehow()
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
                    Store();
                }

                Answer(new PushAnswer(PushVerdict.LeftOpen, "timeout"));
                return isStored ? "no answer, stored" : "no answer, not stored";
            case 2:
                StoreInPart();
                Answer(LokiAnswers.Read(random.Next(2) == 0 ? 500 : 503, "some ingesters are away"));
                return "5xx, stored in part";
            case 3 or 4:
                // An ingester has the stream's whole part refused; what others have of the other streams is not told.
                string refused = _request!.Streams[random.Next(4) == 0 ? random.Next(_request.Streams.Count) : ^1].Labels;
                StoreInPart(refused);
                Answer(LokiAnswers.Read(429, $"Per stream rate limit exceeded (limit: 3MB/sec) while attempting to ingest for stream '{refused}' totaling 1MB"));
                return $"429 for {refused}";
            default:
                Answer();
                return "204";
        }
    }

    /// <summary>The agent dies with a push under way, which is stored or not.</summary>
    public void Die(bool isStored)
    {
        _answersDown = 0;
        if (_pending is null)
        {
            return;
        }

        if (isStored)
        {
            Store();
            Unanswered.UnionWith(_request!.Streams.SelectMany(stream => stream.Entries).Select(entry => entry.Line));
        }

        _pending = null;
    }

    private void Answer(PushAnswer answer)
    {
        TaskCompletionSource<PushAnswer> pending = _pending!;
        _pending = null;
        pending.SetResult(answer);
    }

    private void Store()
    {
        foreach (StreamAdapter stream in _request!.Streams)
        {
            Store(stream, stream.Entries.Count);
        }
    }

    /// <summary>Of each stream all, nothing, or the first entries: those behind one that an ingester has not are not there either.</summary>
    private void StoreInPart(string? without = null)
    {
        // The same labels are one stream, whatever its metadata: nothing of it is stored behind what is not.
        var broken = new HashSet<string>();
        foreach (StreamAdapter stream in _request!.Streams)
        {
            int part = random.Next(3);
            int count = stream.Labels == without || part == 0 ? 0 : part == 1 ? stream.Entries.Count : random.Next(stream.Entries.Count);
            if (!broken.Contains(stream.Labels))
            {
                Store(stream, count);
            }

            if (count < stream.Entries.Count)
            {
                broken.Add(stream.Labels);
            }
        }
    }

    private void Store(StreamAdapter stream, int count)
    {
        if (count > 0)
        {
            if (!Stored.TryGetValue(stream.Labels, out List<EntryAdapter>? entries))
            {
                Stored[stream.Labels] = entries = [];
            }

            entries.AddRange(stream.Entries.Take(count));
        }
    }
}
