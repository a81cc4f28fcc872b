using System.Collections.Concurrent;
using Shipper.Batching;
using Shipper.Loki;

namespace Shipper.Delivery;

/// <summary>
/// Sends batches until each of their records is stored, dropped for a counted reason, or to be read again. Loki stores nearly all batches with the first
/// request; the others become an <see cref="UnsettledBatch"/>.
/// </summary>
/// <remarks>Thread-safe: all lanes share it.</remarks>
internal sealed class Sender(IPushClient client, DeliveryServices services)
{
    /// <summary>How long <see cref="MaxRequestBytes"/> applies. Later the limit may have been raised.</summary>
    private static readonly TimeSpan MaxRequestBytesAge = TimeSpan.FromMinutes(10);

    /// <summary>How long other refusals are ambiguous after Loki blocked ingestion.</summary>
    private static readonly TimeSpan BlockedAge = TimeSpan.FromMinutes(10);

    /// <summary>How often the warning that Loki refuses times is repeated.</summary>
    private static readonly TimeSpan RetimedInterval = TimeSpan.FromHours(1);

    private readonly PushGate _gate = new(services.Time);
    private int _cannotAsk;
    private long _maxRequestBytes = long.MaxValue;
    private long _maxRequestBytesAt;
    private long _lastStored = long.MinValue;
    private long _lastBlocked = long.MinValue;
    private readonly ConcurrentDictionary<string, long> _lastRetimed = new(StringComparer.Ordinal);

    /// <summary>Talks to Loki, and measures how long it has been working.</summary>
    public MeasuringClient Client { get; } = new(client, services.Time);

    /// <summary>Knows whether Loki accepts pushes.</summary>
    public LokiHealth Health { get; } = new(services.Options, services.Time, services.Logger, services.Metrics.LostBytes.GetTotal);

    /// <summary>The times that Loki accepts.</summary>
    public AcceptedTimes Times { get; } = new(services.Time);

    /// <summary>Decides whether records are sent with structured metadata.</summary>
    public MetadataSwitch Metadata { get; } = new(services.Options, services.Time, services.Logger);

    /// <summary>
    /// True if Loki blocked ingestion recently. If it also refuses other records of a request, its response does not say which streams it blocked.
    /// </summary>
    public bool IsPartlyBlocked => Volatile.Read(ref _lastBlocked) is not long.MinValue and var at && services.Time.GetElapsedTime(at) < BlockedAge;

    /// <summary>Loki's last response to a push of any lane; null before the first.</summary>
    public string? LastAnswer => Health.LastResponse;

    /// <summary>Upper bound in bytes of an uncompressed request, learned from recent refusals by Loki or by a proxy in front of it.</summary>
    public long MaxRequestBytes
    {
        get => services.Time.GetElapsedTime(Volatile.Read(ref _maxRequestBytesAt)) < MaxRequestBytesAge ? Volatile.Read(ref _maxRequestBytes) : long.MaxValue;
        set
        {
            Volatile.Write(ref _maxRequestBytes, value);
            Volatile.Write(ref _maxRequestBytesAt, services.Time.GetTimestamp());
        }
    }

    /// <summary>Sends a batch until it is settled.</summary>
    /// <param name="batch">The batch; it must not change until the delivery has ended.</param>
    /// <param name="givingUp">Cancels the delivery; the batch stays unconfirmed.</param>
    /// <exception cref="OperationCanceledException"><paramref name="givingUp"/> was canceled.</exception>
    public async Task<DeliveryOutcome> DeliverAsync(Batch batch, RequestBuffers requests, CancellationToken givingUp)
    {
        if (batch.HasUnconfirmed || batch.Bytes.Length > MaxRequestBytes || (Metadata.IsRefused && !batch.OmitsMetadata))
        {
            return await new UnsettledBatch(this, services, batch, requests).SettleAsync(null, 0, givingUp);
        }

        ReadOnlyMemory<byte> request = requests.Compress(batch);
        PushAnswer answer = await PushAsync(request, requests, givingUp);
        if (answer.Verdict != PushVerdict.Stored)
        {
            return await new UnsettledBatch(this, services, batch, requests).SettleAsync(answer, request.Length, givingUp);
        }

        CountStored(batch.Records, request.Length);
        Times.OnAccepted();
        return DeliveryOutcome.Stored;
    }

    /// <summary>Sends a request once, as soon as the limit of concurrent requests allows.</summary>
    /// <param name="requests">The lane's buffers, which keep the response as the last one.</param>
    /// <exception cref="OperationCanceledException"><paramref name="givingUp"/> was canceled.</exception>
    public async Task<PushAnswer> PushAsync(ReadOnlyMemory<byte> request, RequestBuffers requests, CancellationToken givingUp)
    {
        await _gate.EnterAsync(givingUp);
        long start = services.Time.GetTimestamp();
        var answer = new PushAnswer(PushVerdict.Unconfirmed, "error");
        try
        {
            answer = await Client.PushAsync(request, givingUp);
            Times.OnResponse(answer.Date);
            requests.LastAnswer = answer.Describe();
            Health.OnResponse(answer, services.Time.GetElapsedTime(start));
        }
        finally
        {
            _gate.Leave(answer.Verdict, services.Time.GetElapsedTime(start));
        }

        return answer;
    }

    /// <summary>Finds out whether Loki accepts pushes, with an empty one.</summary>
    /// <exception cref="OperationCanceledException"><paramref name="givingUp"/> was canceled.</exception>
    public async Task<PushAnswer> ProbeAsync(CancellationToken givingUp)
    {
        PushAnswer answer = await Client.ProbeAsync(givingUp);
        if (!answer.AcceptsPushes)
        {
            Health.OnResponse(answer, duration: null);
        }

        return answer;
    }

    /// <summary>Asks Loki which records it has.</summary>
    public Task<QueryAnswer> AskAsync(ResendQuery query, CancellationToken givingUp) => AskAsync(() => query.AskAsync(Client, givingUp));

    /// <summary>Asks Loki for the newest entry that it has.</summary>
    /// <param name="selector">Selects the streams.</param>
    /// <param name="fromNs">The earliest time, in nanoseconds since 1970.</param>
    /// <param name="toNs">The latest time, in nanoseconds since 1970.</param>
    /// <exception cref="OperationCanceledException"><paramref name="givingUp"/> was canceled.</exception>
    public Task<QueryAnswer> AskNewestAsync(string selector, long fromNs, long toNs, CancellationToken givingUp) =>
        AskAsync(() => Client.AskNewestAsync(selector, fromNs, toNs, givingUp));

    /// <summary>
    /// Warns that unconfirmed records are resent because Loki can't be asked for them. The warning is not repeated until a query is answered.
    /// </summary>
    public void WarnCannotAsk(QueryAnswer result)
    {
        if (services.Options.ConfirmResends && Interlocked.Exchange(ref _cannotAsk, 1) == 0)
        {
            DeliveryEvents.CannotAsk(services.Logger, result.Message);
        }
    }

    /// <summary>Returns how long to pause a stream that Loki refused.</summary>
    public TimeSpan PauseAfter(Refusal refusal)
    {
        TimeSpan bound = services.BackOff.BoundAfter(refusal.Stream.Policy.Refusals + 1);

        // After the pause Loki is asked for the unconfirmed records, which must have arrived by then.
        return refusal.IsUnconfirmed && bound < Confirmation.ArrivalTime ? Confirmation.ArrivalTime : bound;
    }

    /// <summary>Counts a request that succeeded.</summary>
    /// <param name="records">The number of records.</param>
    /// <param name="bytes">The compressed size of the request.</param>
    public void CountStored(int records, int bytes)
    {
        Volatile.Write(ref _lastStored, services.Time.GetTimestamp());
        services.Metrics.SentBytes.Add(bytes);
        Health.OnAccepted(records, bytes);
    }

    /// <summary>Counts a request that failed.</summary>
    public void CountFailure() => services.Metrics.PushRetries.Add(1);

    /// <summary>Notes that Loki blocked a request.</summary>
    public void CountBlocked() => Volatile.Write(ref _lastBlocked, services.Time.GetTimestamp());

    /// <summary>Warns that Loki refuses times, at most once an hour for each reason.</summary>
    /// <param name="records">The number of refused records.</param>
    /// <param name="how">What is wrong with their times, such as <c>too old</c>.</param>
    public void WarnRetimed(int records, string how, PushAnswer answer)
    {
        long now = services.Time.GetTimestamp();
        if (!_lastRetimed.TryGetValue(how, out long last) || services.Time.GetElapsedTime(last, now) >= RetimedInterval)
        {
            _lastRetimed[how] = now;
            DeliveryEvents.Retimed(services.Logger, records, how, answer.Status, answer.Message, Times.NodeClockAhead.TotalSeconds);
        }
    }

    /// <summary>Returns true if Loki has accepted a request since the given time.</summary>
    /// <param name="timestamp">A timestamp of the <see cref="TimeProvider"/>.</param>
    public bool HasStoredSince(long timestamp) => Volatile.Read(ref _lastStored) > timestamp;

    private async Task<QueryAnswer> AskAsync(Func<Task<QueryAnswer>> ask)
    {
        if (!services.Options.ConfirmResends)
        {
            return new QueryAnswer(QueryOutcome.Impossible, "loki.confirmResends is false");
        }

        QueryAnswer answer = await ask();
        if (answer.Outcome == QueryOutcome.Answered)
        {
            Volatile.Write(ref _cannotAsk, 0);
            Health.OnQueryAnswered();
        }

        return answer;
    }
}
