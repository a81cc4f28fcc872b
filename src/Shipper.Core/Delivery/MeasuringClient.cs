using Shipper.Loki;

namespace Shipper.Delivery;

/// <summary>
/// Measures how long Loki has been working, by the times of its responses. A Loki that was frozen (a stopped process, a long garbage collection, a suspended
/// machine) answers a new query before it works on the requests that wait in its sockets. So whether a record may still arrive depends on how long Loki has
/// worked since, and not on wall-clock time.
/// </summary>
/// <remarks>Thread-safe. All lanes share it, and a response to any of them counts for all.</remarks>
internal sealed class MeasuringClient(IPushClient client, TimeProvider time) : IPushClient
{
    /// <summary>The longest time between two responses that counts as working time. A shorter freeze goes unnoticed.</summary>
    public static readonly TimeSpan MaxGap = TimeSpan.FromSeconds(1);

    /// <summary>If a response took longer than <see cref="MaxGap"/>, Loki was frozen or is slow: only half of the time before the request counts.</summary>
    private const int SlowDivisor = 2;

    private readonly Lock _lock = new();
    private long? _lastAnswer;
    private TimeSpan _working;

    /// <summary>How long Loki has been seen to work since the agent started.</summary>
    public TimeSpan WorkingTime
    {
        get
        {
            lock (_lock)
            {
                return _working;
            }
        }
    }

    /// <summary>
    /// Returns an upper bound of the current working time, to compare with a later <see cref="WorkingTime"/>: the next response may still add the time since
    /// the last one.
    /// </summary>
    public TimeSpan GetMaxWorkingTime()
    {
        lock (_lock)
        {
            return _working + (_lastAnswer is { } last ? Min(time.GetElapsedTime(last), MaxGap) : TimeSpan.Zero);
        }
    }

    public async Task<PushAnswer> PushAsync(ReadOnlyMemory<byte> body, CancellationToken stopping)
    {
        long start = time.GetTimestamp();
        PushAnswer answer = await client.PushAsync(body, stopping);
        if (IsFromLoki(answer))
        {
            Beat(start);
        }

        return answer;
    }

    public Task<PushAnswer> ProbeAsync(CancellationToken stopping) => client.ProbeAsync(stopping);

    public Task<QueryAnswer> AskAsync(string selector, long fromNs, long toNs, IEntryVisitor found, CancellationToken stopping) =>
        ListenAsync(client.AskAsync(selector, fromNs, toNs, found, stopping));

    public Task<QueryAnswer> AskNewestAsync(string selector, long fromNs, long toNs, CancellationToken stopping) =>
        ListenAsync(client.AskNewestAsync(selector, fromNs, toNs, stopping));

    private async Task<QueryAnswer> ListenAsync(Task<QueryAnswer> query)
    {
        long start = time.GetTimestamp();
        QueryAnswer answer = await query;
        if (answer.Outcome == QueryOutcome.Answered)
        {
            Beat(start);
        }

        return answer;
    }

    /// <summary>True if the response came from Loki. A gateway's own response says nothing about the Loki behind it.</summary>
    private static bool IsFromLoki(PushAnswer answer) =>
        answer.Verdict is PushVerdict.Stored or PushVerdict.EntriesRefused or PushVerdict.StreamEntriesRefused or PushVerdict.StreamRefused;

    /// <summary>Adds the working time that a response proves: Loki worked at some moment between the request and now.</summary>
    private void Beat(long start)
    {
        lock (_lock)
        {
            long now = time.GetTimestamp();
            if (_lastAnswer is { } last)
            {
                TimeSpan gap = time.GetElapsedTime(last, now);
                TimeSpan before = start > last ? Min(time.GetElapsedTime(last, start), MaxGap) : TimeSpan.Zero;
                _working += gap <= MaxGap ? gap : time.GetElapsedTime(start, now) <= MaxGap ? before : before / SlowDivisor;
            }

            _lastAnswer = now;
        }
    }

    private static TimeSpan Min(TimeSpan a, TimeSpan b) => a < b ? a : b;
}
