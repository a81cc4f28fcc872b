using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Shipper.Batching;
using Shipper.Checkpoints;
using Shipper.Lanes;
using Shipper.Loki;
using Shipper.Protocol;
using Shipper.Telemetry;
using Shipper.Testing;

namespace Shipper.Tailing;

/// <summary>A lane over one log, turned by hand, with a Loki that takes everything at once.</summary>
internal sealed class TailingFixture : IDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private readonly CheckpointStore _checkpoints;
    private readonly Lane _lane;
    private readonly TakingLoki _loki = new();

    public TailingFixture(
        TailerOptions? options = null, string container = "pods/ns_pod_uid/main", bool isInitial = false, TimeSpan? batchWait = null)
    {
        Directory.CreateDirectory(this[container]);
        Directory.CreateDirectory(this["state"]);
        Log = Path.Combine(this[container], "0.log");
        _checkpoints = CheckpointStore.Open(this["state"], NullLogger.Instance, Metrics);
        var laneOptions = new LaneOptions(new BatchOptions { Wait = batchWait ?? TimeSpan.FromMilliseconds(1) }, options ?? new TailerOptions());
        _lane = new Lane("lane", laneOptions, new HeldBudget(laneOptions.Tailer.HeldBytes), _loki, _checkpoints, Time, Messages, Metrics, new Heartbeat(Time));
        IsInitial = isInitial;
    }

    public FakeTimeProvider Time { get; } = new(TimeProvider.System.GetUtcNow());

    public AgentMetrics Metrics { get; } = new();

    public RecordedLog Messages { get; } = new();

    /// <summary>Path of the live file.</summary>
    public string Log { get; }

    public bool IsInitial { get; }

    public TailerStatus Status => _lane.Tailer.Status;

    /// <summary>How many pushes there were.</summary>
    public int Pushes => _loki.Pushes;

    /// <summary>All entries that were sent.</summary>
    public IReadOnlyList<EntryAdapter> Entries => _loki.Entries;

    public IEnumerable<string> Lines => Entries.Select(entry => entry.Line);

    public string this[string name] => _directory[name];

    /// <summary>Discovery finds the log.</summary>
    public void Find()
    {
        LogSeries series = LogSeries.Of(Log, 0);
        series.IsInitial = IsInitial;
        _lane.Tailer.Add(new SeriesFound("ns/pod/main", StreamLabels.Create(new Dictionary<string, string> { ["pod"] = "pod" }), series));
        Turn();
    }

    /// <summary>No link leads to the log any more.</summary>
    public void Unlink()
    {
        _lane.Tailer.Unlink(Path.GetDirectoryName(Log)!);
        TurnUnseen();
    }

    /// <summary>The directory changed, and the lane turns until there is nothing left to do.</summary>
    public void Turn()
    {
        _lane.Tailer.DirectoryChanged(Path.GetDirectoryName(Log)!);
        TurnUnseen();
    }

    /// <summary>The directory changed, and the lane turns once, a poll interval later.</summary>
    public void TurnOnce()
    {
        _lane.Tailer.DirectoryChanged(Path.GetDirectoryName(Log)!);
        Time.Advance(TimeSpan.FromMilliseconds(100));
        _lane.Turn(isStopping: false, out _, CancellationToken.None);
    }

    /// <summary>The lane turns until there is nothing left to do, and nobody tells it what changed.</summary>
    public void TurnUnseen()
    {
        for (int quiet = 0; quiet < 15; quiet++)
        {
            while (_lane.Turn(isStopping: false, out _, CancellationToken.None))
            {
                quiet = 0;
            }

            Time.Advance(TimeSpan.FromMilliseconds(100));
        }
    }

    public void Dispose()
    {
        _lane.Dispose();
        _checkpoints.Dispose();
        _directory.Dispose();
    }

    private sealed class TakingLoki : IPushClient
    {
        public List<EntryAdapter> Entries { get; } = [];

        public int Pushes { get; private set; }

        public Task<PushAnswer> PushAsync(ReadOnlyMemory<byte> body, int records, CancellationToken stopping)
        {
            Pushes++;
            Entries.AddRange(PushBody.Read(body.Span).Streams.SelectMany(stream => stream.Entries));
            return Task.FromResult(new PushAnswer(PushVerdict.Stored, "204"));
        }
    }
}
