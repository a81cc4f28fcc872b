using System.Collections.Concurrent;
using Shipper.Batching;
using Shipper.Loki;

namespace Shipper.Delivery;

/// <summary>
/// Sends batches until each of their records is stored, dropped for a counted reason, or gone back. Nearly all are stored at once; the
/// others are an <see cref="UnsettledBatch"/>.
/// </summary>
/// <remarks>Safe for concurrent use: all lanes share it.</remarks>
internal sealed class Sender(IPushClient client, DeliveryServices services)
{
    /// <summary>A limit may have been raised since.</summary>
    private static readonly TimeSpan MaxRequestBytesAge = TimeSpan.FromMinutes(10);

    /// <summary>How long a block of ingestion makes other answers doubtful.</summary>
    private static readonly TimeSpan BlockedAge = TimeSpan.FromMinutes(10);

    /// <summary>How often the warning that Loki refuses times is repeated.</summary>
    private static readonly TimeSpan RetimedInterval = TimeSpan.FromHours(1);

    private readonly PushGate _gate = new(services.Time);
    private string? _lastAnswer;
    private int _isFailing;
    private int _cannotAsk;
    private long _maxRequestBytes = long.MaxValue;
    private long _maxRequestBytesAt;
    private long _lastStored = long.MinValue;
    private long _lastBlocked = long.MinValue;
    private readonly ConcurrentDictionary<string, long> _lastRetimed = new(StringComparer.Ordinal);

    /// <summary>Talks to Loki, and tells for how long it has been working.</summary>
    public LokiPulse Pulse { get; } = new(client, services.Time);

    /// <summary>Which times Loki takes.</summary>
    public AcceptedTimes Times { get; } = new(services.Time);

    /// <summary>Whether records go with structured metadata.</summary>
    public MetadataSwitch Metadata { get; } = new(services.Options, services.Time, services.Logger);

    /// <summary>True if Loki blocked something lately. If it also refuses other records of a request, its answer does not say which streams it blocked.</summary>
    public bool IsPartlyBlocked => Volatile.Read(ref _lastBlocked) is not long.MinValue and var at && services.Time.GetElapsedTime(at) < BlockedAge;

    /// <summary>The last answer to a push of any lane; null before the first.</summary>
    public string? LastAnswer => Volatile.Read(ref _lastAnswer);

    /// <summary>
    /// The most bytes of a request, uncompressed, that Loki or something on the way to it takes, as far as that was found out lately.
    /// </summary>
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
    /// <param name="batch">The batch; nothing of it may change meanwhile.</param>
    /// <param name="requests">The lane's.</param>
    /// <param name="givingUp">Gives up: the outcome of the batch stays open.</param>
    /// <exception cref="OperationCanceledException"><paramref name="givingUp"/> came first.</exception>
    public async Task<DeliveryOutcome> DeliverAsync(Batch batch, LaneRequests requests, CancellationToken givingUp)
    {
        if (batch.HasLeftOpen || batch.Bytes.Length > MaxRequestBytes || (Metadata.IsRefused && !batch.OmitsMetadata))
        {
            return await new UnsettledBatch(this, services, batch, requests).SettleAsync(null, 0, givingUp);
        }

        ReadOnlyMemory<byte> request = requests.Compress(batch);
        PushAnswer answer = await PushAsync(request, requests, givingUp);
        if (answer.Verdict != PushVerdict.Stored)
        {
            return await new UnsettledBatch(this, services, batch, requests).SettleAsync(answer, request.Length, givingUp);
        }

        CountStored(request.Length);
        Times.Accepted();
        return DeliveryOutcome.Stored;
    }

    /// <summary>Sends a request once, when it is its turn.</summary>
    /// <param name="request">The request.</param>
    /// <param name="requests">Gets the answer.</param>
    /// <param name="givingUp">Gives up.</param>
    /// <exception cref="OperationCanceledException"><paramref name="givingUp"/> came first.</exception>
    public async Task<PushAnswer> PushAsync(ReadOnlyMemory<byte> request, LaneRequests requests, CancellationToken givingUp)
    {
        await _gate.EnterAsync(givingUp);
        long start = services.Time.GetTimestamp();
        var answer = new PushAnswer(PushVerdict.LeftOpen, "error");
        try
        {
            answer = await Pulse.PushAsync(request, givingUp);
            Times.Answered(answer.Date);
            requests.LastAnswer = answer.Describe();
            Volatile.Write(ref _lastAnswer, requests.LastAnswer);
        }
        finally
        {
            _gate.Leave(answer.Verdict, services.Time.GetElapsedTime(start));
        }

        return answer;
    }

    /// <summary>Finds out whether Loki takes pushes, with one that has nothing to store.</summary>
    /// <exception cref="OperationCanceledException"><paramref name="givingUp"/> came first.</exception>
    public async Task<PushAnswer> ProbeAsync(CancellationToken givingUp)
    {
        PushAnswer answer = await Pulse.ProbeAsync(givingUp);
        if (!answer.TakesPushes)
        {
            Volatile.Write(ref _lastAnswer, answer.Describe());
        }

        return answer;
    }

    /// <summary>Asks Loki which records it has.</summary>
    public Task<QueryAnswer> AskAsync(Question question, CancellationToken givingUp) => AskAsync(() => question.AskAsync(Pulse, givingUp));

    /// <summary>Asks Loki for the newest entry that it has.</summary>
    /// <param name="selector">Of which streams.</param>
    /// <param name="fromNs">The earliest time, in nanoseconds since 1970.</param>
    /// <param name="toNs">The latest time.</param>
    /// <param name="givingUp">Gives up.</param>
    /// <exception cref="OperationCanceledException"><paramref name="givingUp"/> came first.</exception>
    public Task<QueryAnswer> AskNewestAsync(string selector, long fromNs, long toNs, CancellationToken givingUp) =>
        AskAsync(() => Pulse.AskNewestAsync(selector, fromNs, toNs, givingUp));

    /// <summary>Warns that records are sent again because Loki can't be asked for them. Not repeated until a question is answered.</summary>
    public void GiveUpAsking(QueryAnswer said)
    {
        if (services.Options.ConfirmResends && Interlocked.Exchange(ref _cannotAsk, 1) == 0)
        {
            DeliveryEvents.CannotAsk(services.Logger, said.Message);
        }
    }

    /// <summary>How long a stream waits after it was refused.</summary>
    public TimeSpan PauseAfter(Refusal refusal)
    {
        TimeSpan bound = services.BackOff.Bound(refusal.Stream.Policy.Refusals + 1);

        // Loki is asked for what it may have, and that has arrived by then.
        return refusal.IsInPart && bound < Confirmation.ArrivalTime ? Confirmation.ArrivalTime : bound;
    }

    /// <summary>Takes note of a request that worked.</summary>
    /// <param name="bytes">Bytes of it, compressed.</param>
    public void CountStored(int bytes)
    {
        Volatile.Write(ref _lastStored, services.Time.GetTimestamp());
        services.Metrics.SentBytes.Add(bytes);
        if (Interlocked.Exchange(ref _isFailing, 0) == 1)
        {
            DeliveryEvents.Recovered(services.Logger);
        }
    }

    /// <summary>Takes note of one that did not.</summary>
    public void CountFailure()
    {
        Volatile.Write(ref _isFailing, 1);
        services.Metrics.PushRetries.Add(1);
    }

    /// <summary>Takes note of a request that was blocked.</summary>
    public void CountBlocked() => Volatile.Write(ref _lastBlocked, services.Time.GetTimestamp());

    /// <summary>Says that Loki refuses times; once an hour for each reason.</summary>
    /// <param name="records">How many records it refused.</param>
    /// <param name="how">What their times are.</param>
    /// <param name="answer">What was answered.</param>
    public void SayRetimed(int records, string how, PushAnswer answer)
    {
        long now = services.Time.GetTimestamp();
        if (!_lastRetimed.TryGetValue(how, out long last) || services.Time.GetElapsedTime(last, now) >= RetimedInterval)
        {
            _lastRetimed[how] = now;
            DeliveryEvents.Retimed(services.Logger, records, how, answer.Status, answer.Message, Times.Ahead.TotalSeconds);
        }
    }

    /// <summary>Tells whether Loki has taken a request since then.</summary>
    /// <param name="timestamp">A timestamp of the clock.</param>
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
        }

        return answer;
    }
}
