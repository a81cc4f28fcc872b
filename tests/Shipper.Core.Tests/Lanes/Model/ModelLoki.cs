using Shipper.Loki;
using Shipper.Protocol;
using Shipper.Testing;

namespace Shipper.Lanes.Model;

/// <summary>A Loki that answers when it is told to, and remembers what it stored.</summary>
internal sealed class ModelLoki : IPushClient
{
    private TaskCompletionSource<PushAnswer>? _pending;
    private PushRequest? _request;

    /// <summary>All entries that were stored, by the labels of their stream.</summary>
    public Dictionary<string, List<EntryAdapter>> Stored { get; } = [];

    /// <summary>Lines of pushes that were stored without the agent hearing of it.</summary>
    public HashSet<string> Unanswered { get; } = [];

    public bool HasPending => _pending is not null;

    public Task<QueryAnswer> AskAsync(long fromNs, long toNs, IEntryVisitor found, CancellationToken stopping) =>
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
        TaskCompletionSource<PushAnswer> pending = _pending!;
        _pending = null;
        pending.SetResult(new PushAnswer(PushVerdict.Stored, "204"));
    }

    /// <summary>The agent dies with a push under way, which is stored or not.</summary>
    public void Die(bool isStored)
    {
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

    private void Store()
    {
        foreach (StreamAdapter stream in _request!.Streams)
        {
            if (!Stored.TryGetValue(stream.Labels, out List<EntryAdapter>? entries))
            {
                Stored[stream.Labels] = entries = [];
            }

            entries.AddRange(stream.Entries);
        }
    }
}
