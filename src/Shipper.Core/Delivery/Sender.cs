using Microsoft.Extensions.Logging;
using Shipper.Batching;
using Shipper.Loki;
using Shipper.Telemetry;

namespace Shipper.Delivery;

/// <summary>
/// Sends batches until each of their records is stored, dropped for a counted reason, or gone back. Nearly all are stored at once; the
/// others are an <see cref="UnsettledBatch"/>.
/// </summary>
/// <remarks>Safe for concurrent use: all lanes share it.</remarks>
internal sealed class Sender(
    IPushClient client, LokiOptions options, BackOff backOff, TimeProvider time, ILogger logger, AgentMetrics metrics)
{
    /// <summary>A limit may have been raised since.</summary>
    private static readonly TimeSpan MaxRequestBytesAge = TimeSpan.FromMinutes(10);

    private readonly PushGate _gate = new(time);
    private string? _lastAnswer;
    private int _isFailing;
    private int _cannotAsk;
    private long _maxRequestBytes = long.MaxValue;
    private long _maxRequestBytesAt;
    private long _lastStored = long.MinValue;

    public LokiOptions Options { get; } = options;

    public BackOff BackOff { get; } = backOff;

    public TimeProvider Time { get; } = time;

    public ILogger Logger { get; } = logger;

    public AgentMetrics Metrics { get; } = metrics;

    /// <summary>When the agent began, as a timestamp of <see cref="Time"/>: what was sent before, in an earlier life or by the agent whose place this one took, was under
    /// way by then.</summary>
    public long StartedAt { get; set; } = time.GetTimestamp();

    /// <summary>The last answer to a push of any lane; null before the first.</summary>
    public string? LastAnswer => Volatile.Read(ref _lastAnswer);

    /// <summary>
    /// The most bytes of a request, uncompressed, that Loki or something on the way to it takes, as far as that was found out lately.
    /// </summary>
    public long MaxRequestBytes
    {
        get => Time.GetElapsedTime(Volatile.Read(ref _maxRequestBytesAt)) < MaxRequestBytesAge ? Volatile.Read(ref _maxRequestBytes) : long.MaxValue;
        set
        {
            Volatile.Write(ref _maxRequestBytes, value);
            Volatile.Write(ref _maxRequestBytesAt, Time.GetTimestamp());
        }
    }

    /// <summary>Sends a batch until it is settled.</summary>
    /// <param name="batch">The batch; nothing of it may change meanwhile.</param>
    /// <param name="requests">The lane's.</param>
    /// <param name="givingUp">Gives up: what becomes of the batch stays open.</param>
    /// <exception cref="OperationCanceledException"><paramref name="givingUp"/> came first.</exception>
    public async Task<DeliveryOutcome> DeliverAsync(Batch batch, LaneRequests requests, CancellationToken givingUp)
    {
        if (batch.HasLeftOpen || batch.Bytes.Length > MaxRequestBytes)
        {
            return await new UnsettledBatch(this, batch, requests).SettleAsync(null, 0, givingUp);
        }

        ReadOnlyMemory<byte> request = requests.Compress(batch);
        PushAnswer answer = await PushAsync(request, requests, givingUp);
        if (answer.Verdict != PushVerdict.Stored)
        {
            return await new UnsettledBatch(this, batch, requests).SettleAsync(answer, request.Length, givingUp);
        }

        CountStored(request.Length);
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
        long start = Time.GetTimestamp();
        var answer = new PushAnswer(PushVerdict.LeftOpen, "error");
        try
        {
            answer = await client.PushAsync(request, givingUp);
            requests.LastAnswer = answer.Describe();
            Volatile.Write(ref _lastAnswer, requests.LastAnswer);
        }
        finally
        {
            _gate.Leave(answer.Verdict, Time.GetElapsedTime(start));
        }

        return answer;
    }

    /// <summary>Asks Loki which records it has.</summary>
    public async Task<QueryAnswer> AskAsync(Question question, CancellationToken givingUp)
    {
        QueryAnswer answer = Options.ConfirmResends
            ? await question.AskAsync(client, givingUp)
            : new QueryAnswer(QueryOutcome.Impossible, "loki.confirmResends is false");
        if (answer.Outcome == QueryOutcome.Answered)
        {
            Volatile.Write(ref _cannotAsk, 0);
        }
        else if (answer.Outcome == QueryOutcome.Impossible && Options.ConfirmResends && Interlocked.Exchange(ref _cannotAsk, 1) == 0)
        {
            DeliveryLog.CannotAsk(Logger, answer.Message);
        }

        return answer;
    }

    /// <summary>Takes note of a request that worked.</summary>
    /// <param name="bytes">Bytes of it, compressed.</param>
    public void CountStored(int bytes)
    {
        Volatile.Write(ref _lastStored, Time.GetTimestamp());
        Metrics.SentBytes.Add(bytes);
        if (Interlocked.Exchange(ref _isFailing, 0) == 1)
        {
            DeliveryLog.Recovered(Logger);
        }
    }

    /// <summary>Takes note of one that did not.</summary>
    public void CountFailure()
    {
        Volatile.Write(ref _isFailing, 1);
        Metrics.PushRetries.Add(1);
    }

    /// <summary>Tells whether Loki has taken a request since then.</summary>
    /// <param name="timestamp">A timestamp of <see cref="Time"/>.</param>
    public bool HasStoredSince(long timestamp) => Volatile.Read(ref _lastStored) > timestamp;
}
