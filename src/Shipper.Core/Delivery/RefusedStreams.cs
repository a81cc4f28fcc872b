using Shipper.Batching;
using Shipper.Loki;

namespace Shipper.Delivery;

/// <summary>
/// Handles responses that refuse some streams of a request: those streams wait or get other times, and Loki is asked for the records of all others.
/// </summary>
/// <remarks>One instance per batch; not thread-safe.</remarks>
internal sealed class RefusedStreams(Sender sender, RequestLayout layout, PendingRecords pending, Confirmation confirmation, Corrections corrections, FailedRequests failures)
{
    /// <summary>
    /// If Loki refuses a request with one stream this many times in a row, naming another stream each time, the stream that was sent counts as refused.
    /// </summary>
    private const int MaxUnnamed = 3;

    // Consecutive responses to requests with the same single stream that name a different one.
    private (LogStream? Stream, int Answers) _unnamed;

    /// <summary>
    /// Finds the stream of a request that its response names. If responses to requests with one stream keep naming another, the stream that was sent counts as
    /// named.
    /// </summary>
    /// <returns>Null if the response names no stream of the request.</returns>
    public LogStream? FindNamed(AnsweredPush push)
    {
        PushAnswer answer = push.Answer;
        LogStream? named = answer.Stream is null ? null : push.Entries.Select(entry => entry.Run).Distinct().FirstOrDefault(run => answer.Names(run.Attributes.Labels.Selector))?.Stream;
        LogStream? meant = answer.Stream is not null && named is null && pending.SeparatesStreams ? push.FirstStream : null;
        _unnamed = (meant, meant is not null && meant == _unnamed.Stream ? _unnamed.Answers + 1 : 1);
        return _unnamed.Answers >= MaxUnnamed ? meant : named;
    }

    /// <summary>
    /// Handles a response that refuses records and may hide that Loki also blocked streams: asks Loki for the records, and sends the streams one by one.
    /// </summary>
    public async Task SeparateAsync(AnsweredPush push, CancellationToken givingUp)
    {
        pending.SeparatesStreams = true;
        await confirmation.RemoveStoredAsync([.. push.Entries], push.Answer, givingUp);
    }

    /// <summary>Handles a response that names no stream of the request: the streams are sent one by one.</summary>
    public async Task HandleUnnamedAsync(AnsweredPush push, CancellationToken givingUp)
    {
        pending.SeparatesStreams = true;
        await failures.HandleUnconfirmedAsync(push, givingUp);
    }

    /// <summary>
    /// Handles the refusal of a stream that Loki stored only in part or not at all: rewinds the stream, and asks Loki for the records of the others.
    /// </summary>
    public async Task HandleRefusedAsync(LogStream? named, AnsweredPush push, CancellationToken givingUp)
    {
        PushAnswer answer = push.Answer;
        sender.CountFailure();
        if (named is not null)
        {
            List<BatchEntry> own = push.RecordsOf(named);
            if (answer.NamesShard || (answer.StreamError is { } error && error.Ignored < own.Count))
            {
                // The response says nothing about the other shards. Without stream sharding, an ingester refuses entry by entry.
                pending.MarkUnconfirmed(own);
            }

            pending.Rewind(named, answer);
        }

        List<BatchEntry> others = push.RecordsExcept(named);
        bool isAnswered = await confirmation.RemoveStoredAsync(others, answer, givingUp);
        if (!answer.RefusesNewStreams || (named is not null && isAnswered))
        {
            return;
        }

        // If Loki refuses several streams, it names only the last, or none. So if it accepts no new streams, it may have refused any of the new ones.
        List<LogStream> streams = [.. others.Select(entry => entry.Run.Stream).Distinct()];
        List<LogStream> risky = streams.FindAll(stream => layout.GetRisk(stream) > 0 || (named is null && streams.Count == 1));
        risky.ForEach(stream => pending.Rewind(stream, answer));
        if (named is null && risky.Count == 0 && streams.Count > 0)
        {
            pending.SeparatesStreams = true;
            await failures.WaitAsync(others.Count, answer, givingUp);
        }
    }

    /// <summary>
    /// Handles late records, which an ingester refused because it has newer ones of their stream: gives them a later time, and asks Loki for the records of the
    /// other streams.
    /// </summary>
    public async Task HandleLateAsync(LogStream named, AnsweredPush push, CancellationToken givingUp)
    {
        if (corrections.TryHandleLate(push.RecordsOf(named), push.Answer))
        {
            failures.OnAccepted(push);
            await confirmation.RemoveStoredAsync(push.RecordsExcept(named), push.Answer, givingUp);
            return;
        }

        List<BatchEntry> missing = [.. push.Entries];
        await confirmation.RemoveStoredAsync(missing, push.Answer, givingUp);
        corrections.MoveLate(missing.FindAll(entry => entry.Run.Stream == named), push.Answer);
    }

    /// <summary>
    /// Handles blocked ingestion, for the tenant or for some of its streams: asks Loki which records it stored, and lets the blocked streams wait.
    /// </summary>
    public async Task HandleBlockedAsync(AnsweredPush push, CancellationToken givingUp)
    {
        sender.CountBlocked();
        List<BatchEntry> missing = [.. push.Entries];
        bool isAnswered = await confirmation.RemoveStoredAsync(missing, push.Answer, givingUp);
        if (missing.Count == 0)
        {
            return;
        }

        if (!push.HasSeveralStreams && (pending.SeparatesStreams || push.FirstStream.Policy.Refusals > 0))
        {
            sender.CountFailure();
            pending.Rewind(push.FirstStream, push.Answer);
        }
        else if (!isAnswered || missing.Count < push.Entries.Count)
        {
            pending.SeparatesStreams = true;
        }
        else
        {
            await failures.HoldAsync(push.Answer, givingUp);
        }
    }
}
