using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Shipper.Checkpoints;
using Shipper.Core.Tests.Support;
using Shipper.Journal;
using Shipper.Lanes;
using Shipper.Loki;
using Shipper.Processing;
using Shipper.Processing.Multiline;
using Shipper.Taps;
using Shipper.Telemetry;

namespace Shipper.Core.Tests.Journal;

/// <summary>One run of the agent with only the journal's lane, turned by the test.</summary>
internal sealed class JournalRun : IDisposable
{
    private readonly Lane _lane;
    private readonly CancellationTokenSource _running = new();
    private readonly FakeTimeProvider _time;

    public JournalRun(
        JournalOptions options, long batchBytes, string state, string boot, IPushClient loki, FakeTimeProvider time, AgentMetrics metrics, bool isUnsettled = false)
    {
        _time = time;
        Taps = new TapRegistry(time);
        Checkpoints = CheckpointStore.Open(state, NullLogger.Instance, metrics, boot, isUnsettled: isUnsettled);
        Source = new JournalSource(
            options, new Dictionary<string, string> { ["cluster"] = "c" }, new ProcessingOptions { Multiline = MultilineOptions.Off, Level = DetectMode.Off }, Checkpoints, time, NullLogger.Instance, metrics, Taps);
        var batch = new BatchOptions { Size = batchBytes, Wait = TimeSpan.FromMilliseconds(1) };
        _lane = new Lane("journal", new LaneOptions(batch, JournalSource.MaxLineBytes), Source, Senders.Create(loki, time, NullLoggerFactory.Instance, metrics), Checkpoints, new StageServices(time, NullLoggerFactory.Instance, metrics, new Heartbeat(time)));
    }

    public CheckpointStore Checkpoints { get; }

    public JournalSource Source { get; }

    /// <summary>The open taps.</summary>
    public TapRegistry Taps { get; }

    /// <summary>Changes the cursors in the checkpoint.</summary>
    public void Rewrite(Func<string, string> change)
    {
        var changes = new CheckpointChanges();
        foreach (StreamCheckpoint stream in Checkpoints.GetStreams().Where(stream => stream.Cursor is { Length: > 0 }))
        {
            changes.Cursors.Add(new(stream, change(stream.Cursor!)));
            changes.SentCursors.Add(new(stream, change(stream.Cursor!)));
        }

        Checkpoints.Commit(changes);
    }

    public void TurnOnce() => _lane.Turn(isStopping: false, out _, _running.Token);

    public void TurnUntilQuiet()
    {
        // Unconfirmed requests may still arrive for some seconds.
        for (int quiet = 0; quiet < 35; quiet++)
        {
            while (_lane.Turn(isStopping: false, out _, _running.Token))
            {
                quiet = 0;
            }

            _time.Advance(TimeSpan.FromMilliseconds(200));
        }
    }

    public void Dispose()
    {
        _running.Cancel();
        _running.Dispose();
        _lane.Dispose();
        Checkpoints.Dispose();
    }
}
