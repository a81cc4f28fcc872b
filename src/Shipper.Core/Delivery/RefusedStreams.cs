using Shipper.Batching;
using Shipper.Loki;

namespace Shipper.Delivery;

/// <summary>What follows an answer that refuses some streams of a request: they wait or get other times, and Loki is asked for the others.</summary>
/// <remarks>For one batch; not thread-safe.</remarks>
internal sealed class RefusedStreams(Sender sender, RequestLayout layout, OpenRecords left, Confirmation confirmation, Corrections corrections, FailedRequests failures)
{
    /// <summary>Answers in a row that name no stream of a request with one stream, before they are taken to mean that stream.</summary>
    private const int MaxUnnamed = 3;

    // Answers in a row to requests of the same stream that name no stream of the request.
    private (LogStream? Stream, int Answers) _unnamed;

    /// <summary>Finds the stream of a request that its answer names. If an answer names another one again and again, it means the only one.</summary>
    /// <returns>Null if the answer names none.</returns>
    public LogStream? FindNamed(AnsweredPush push)
    {
        PushAnswer answer = push.Answer;
        LogStream? named = answer.Stream is null ? null : push.Entries.Select(entry => entry.Run).Distinct().FirstOrDefault(run => answer.Names(run.Attributes.Labels.Selector))?.Stream;
        LogStream? meant = answer.Stream is not null && named is null && left.IsOneStream ? push.FirstStream : null;
        _unnamed = (meant, meant is not null && meant == _unnamed.Stream ? _unnamed.Answers + 1 : 1);
        return _unnamed.Answers >= MaxUnnamed ? meant : named;
    }

    /// <summary>Loki refused records and blocked streams, and the answer does not say which: Loki is asked, and the streams go one by one.</summary>
    public async Task SeparateAsync(AnsweredPush push, CancellationToken givingUp)
    {
        left.IsOneStream = true;
        await confirmation.TakeOutStoredAsync([.. push.Entries], push.Answer, givingUp);
    }

    /// <summary>The answer names no stream of the request: the streams go one by one.</summary>
    public async Task TakeUnnamedAsync(AnsweredPush push, CancellationToken givingUp)
    {
        left.IsOneStream = true;
        await failures.LeaveOpenAsync(push, givingUp);
    }

    /// <summary>Loki took nothing of the named stream, or a part: it goes back. Loki is asked for the others.</summary>
    public async Task RefuseAsync(LogStream? named, AnsweredPush push, CancellationToken givingUp)
    {
        PushAnswer answer = push.Answer;
        sender.CountFailure();
        if (named is not null)
        {
            List<BatchEntry> own = push.Of(named);
            if (answer.NamesShard || (answer.StreamError is { } error && error.Ignored < own.Count))
            {
                // The answer says nothing of the other shards. Without stream sharding an ingester counts entry by entry.
                left.MaybeStored(own);
            }

            left.GoBack(named, answer);
        }

        List<BatchEntry> others = push.Without(named);
        bool isAnswered = await confirmation.TakeOutStoredAsync(others, answer, givingUp);
        if (!answer.RefusesNewStreams || (named is not null && isAnswered))
        {
            return;
        }

        // Loki names the last of several, or none: when it takes no new stream, none of them can be believed.
        List<LogStream> streams = [.. others.Select(entry => entry.Run.Stream).Distinct()];
        List<LogStream> risky = streams.FindAll(stream => layout.RiskOf(stream) > 0 || (named is null && streams.Count == 1));
        risky.ForEach(stream => left.GoBack(stream, answer));
        if (named is null && risky.Count == 0 && streams.Count > 0)
        {
            left.IsOneStream = true;
            await failures.WaitAsync(others.Count, answer, givingUp);
        }
    }

    /// <summary>An ingester has newer records of the named stream: its late ones get a later time. Loki is asked for the other streams.</summary>
    public async Task TakeLateAsync(LogStream named, AnsweredPush push, CancellationToken givingUp)
    {
        if (corrections.TryTakeLate(push.Of(named), push.Answer))
        {
            failures.Passed(push);
            await confirmation.TakeOutStoredAsync(push.Without(named), push.Answer, givingUp);
            return;
        }

        List<BatchEntry> missing = [.. push.Entries];
        await confirmation.TakeOutStoredAsync(missing, push.Answer, givingUp);
        corrections.TakeLate(missing.FindAll(entry => entry.Run.Stream == named), push.Answer);
    }

    /// <summary>Ingestion is blocked for the tenant, or for some of its streams: these wait, and Loki is asked what it stored of the others.</summary>
    public async Task TakeBlockedAsync(AnsweredPush push, CancellationToken givingUp)
    {
        sender.CountBlocked();
        List<BatchEntry> missing = [.. push.Entries];
        bool isAnswered = await confirmation.TakeOutStoredAsync(missing, push.Answer, givingUp);
        if (missing.Count == 0)
        {
            return;
        }

        if (!push.HasSeveralStreams && (left.IsOneStream || push.FirstStream.Policy.Refusals > 0))
        {
            sender.CountFailure();
            left.GoBack(push.FirstStream, push.Answer);
        }
        else if (!isAnswered || missing.Count < push.Entries.Count)
        {
            left.IsOneStream = true;
        }
        else
        {
            await failures.HoldAsync(push.Answer, givingUp);
        }
    }
}
