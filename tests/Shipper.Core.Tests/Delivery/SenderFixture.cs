using System.Text;
using Shipper.Batching;
using Shipper.Checkpoints;
using Shipper.Core.Tests.Support;
using Shipper.Delivery;
using Shipper.Loki;
using Shipper.Net;
using Shipper.Records;
using Shipper.Telemetry;
using Shipper.Testing;

namespace Shipper.Core.Tests.Delivery;

/// <summary>A sender with a Loki that follows a script as long as there is one, and then behaves as recorded.</summary>
internal sealed class SenderFixture : IDisposable
{
    private const int MaxLineBytes = 4096;

    private readonly Dictionary<string, TestStream> _streams = [];
    private readonly Dictionary<(string Pod, string Cluster), StreamAttributes> _attributes = [];
    private readonly RequestBuffers _requests = new(Batch.Capacity(new BatchOptions(), MaxLineBytes));
    private readonly BackOff _backOff;
    private readonly List<string> _appended = [];

    public SenderFixture(Shipper.Testing.Loki.LokiLimits? limits = null, Action<LokiOptions>? configure = null)
    {
        var options = new LokiOptions();
        configure?.Invoke(options);
        Limits = limits ?? new Shipper.Testing.Loki.LokiLimits();
        LokiTime = new ShiftedTimeProvider(Time);
        Loki = new ScriptedLoki(Limits, LokiTime);
        _backOff = new BackOff(options.Retry.Initial, options.Retry.Max, Time);
        Services = new DeliveryServices(options, _backOff, Time, Log, Metrics);
        Sut = new Sender(Loki, Services);
        Batch = new Batch(new BatchOptions(), MaxLineBytes, Sut.Times);
    }

    /// <summary>The value of the label <c>cluster</c>.</summary>
    public const string Cluster = "c";

    public DelayClock Time { get; } = new();

    /// <summary>Loki's clock.</summary>
    public ShiftedTimeProvider LokiTime { get; }

    public Shipper.Testing.Loki.LokiLimits Limits { get; }

    public ScriptedLoki Loki { get; }

    public RecordedLog Log { get; } = new();

    public AgentMetrics Metrics { get; } = new();

    public DeliveryServices Services { get; }

    public Sender Sut { get; }

    public Batch Batch { get; }

    /// <summary>Appends records of a stream to the batch.</summary>
    /// <param name="pod">The stream's pod.</param>
    /// <param name="count">The number of records.</param>
    /// <param name="isUnconfirmed">True if Loki may already have them.</param>
    /// <param name="at">The time of the first record; null for now.</param>
    /// <param name="cluster">The value of the label <c>cluster</c>.</param>
    /// <param name="output">Structured metadata of each record; null for none.</param>
    /// <param name="padding">Bytes to append to each line.</param>
    public LogStream Append(string pod, int count = 1, bool isUnconfirmed = false, DateTimeOffset? at = null, string cluster = Cluster, string? output = null, int padding = 0)
    {
        if (!_streams.TryGetValue(pod, out TestStream? stream))
        {
            _streams[pod] = stream = new TestStream();
        }

        long presentNs = Time.GetUnixNanoseconds();
        if (!_attributes.TryGetValue((pod, cluster), out StreamAttributes? attributes))
        {
            _attributes[(pod, cluster)] = attributes = new StreamAttributes(StreamLabels.Create(Labels(pod, cluster)), [], hasOutput: false);
        }

        Batch.BeginRun(stream, attributes, Batch.WindowFor(stream, isUnconfirmed), Time.GetMonotonicMicroseconds(), isUnconfirmed: isUnconfirmed);
        for (int i = 0; i < count; i++)
        {
            string line = $"{pod} {_appended.Count}{new string('.', padding)}";
            _appended.Add(line);
            byte[] metadata = output is null ? [] : EntryMetadata.Encode("stream"u8, Encoding.UTF8.GetBytes(output));
            Batch.Append(new LogRecord(at is { } time ? UnixTime.ToNanoseconds(time) + i : presentNs, metadata, Encoding.UTF8.GetBytes(line), 0));
        }

        Batch.EndRun();
        return stream;
    }

    /// <summary>Delivers the batch and advances the time as fast as the sender waits for it.</summary>
    public async Task<DeliveryOutcome> DeliverAsync(TimeSpan? within = null)
    {
        Task<DeliveryOutcome> delivery = DeliverToEndAsync();
        DeliveryOutcome outcome = await Time.PassAsync(delivery, within ?? TimeSpan.FromHours(2))
            ? await delivery
            : throw new TimeoutException(string.Join('\n', Log.Messages.TakeLast(20)));
        Count(outcome);
        return outcome;
    }

    /// <summary>Called when the lane would save the new times of records to be resent.</summary>
    public Action SavingTimes { get; set; } = static () => { };

    private async Task<DeliveryOutcome> DeliverToEndAsync()
    {
        DeliveryOutcome outcome = await Sut.DeliverAsync(Batch, _requests, TestContext.Current.CancellationToken);
        while (outcome.Rest is { } rest)
        {
            SavingTimes();
            outcome = await rest.ContinueAsync(TestContext.Current.CancellationToken);
        }

        return outcome;
    }

    /// <summary>Does what the lane does when it acknowledges a batch.</summary>
    private void Count(DeliveryOutcome outcome)
    {
        foreach (Run run in Batch.Runs)
        {
            run.Stream.LastMovedNs = Math.Max(run.Stream.LastMovedNs, run.LastMovedNs);
            if (!outcome.Refusals.Any(refusal => refusal.Stream == run.Stream))
            {
                run.DroppedAfterRefusal.ForEach(refused => Metrics.DroppedRecords.Add(refused.Reason, refused.Records));
                Metrics.SentRecords.Add(run.Records - run.DroppedAfterRefusal.Sum(refused => refused.Records));
            }
        }
    }

    /// <summary>The stored lines of a stream, including duplicates.</summary>
    public IEnumerable<string> Stored(string pod) => Loki.Stored(StreamLabels.Create(Labels(pod, Cluster)).Selector);

    /// <summary>The stored entries of a stream, including duplicates.</summary>
    public IReadOnlyList<Shipper.Testing.Loki.StoredEntry> Entries(string pod) => Loki.EntriesOf(StreamLabels.Create(Labels(pod, Cluster)).Selector);

    private static KeyValuePair<string, string>[] Labels(string pod, string cluster) => [new("cluster", cluster), new("node", "n"), new("pod", pod)];

    /// <summary>The lines that were appended to a stream.</summary>
    public IEnumerable<string> Appended(string pod) => _appended.Where(line => line.StartsWith(pod + " ", StringComparison.Ordinal));

    public void Dispose() => _backOff.Dispose();

    private sealed class TestStream() : LogStream(new StreamCheckpoint(1, "ns/pod/main"))
    {
        public override string SourceName => "container";
    }
}
