using Microsoft.Extensions.Logging.Abstractions;
using Shipper.Batching;
using Shipper.Checkpoints;
using Shipper.Discovery;
using Shipper.Discovery.Rotation;
using Shipper.Lanes;
using Shipper.Loki;
using Shipper.Processing;
using Shipper.Tailing;
using Shipper.Tailing.Copies;
using Shipper.Tailing.Files;
using Shipper.Tailing.Held;
using Shipper.Tailing.Streams;
using Shipper.Telemetry;

namespace Shipper.Benchmarks.HotPath;

/// <summary>Reads container logs as a lane does: reads, parses, processes and encodes them, and optionally compresses the batches. Nothing is sent.</summary>
internal sealed class ReadLoop : IDisposable
{
    private const int MaxLineBytes = 256 * 1024;

    private readonly BatchOptions _options = new();
    private readonly SnappyEncoder _encoder = new();
    private readonly CheckpointChanges _changes = new();
    private readonly HashSet<LogStream> _streams = [];
    private readonly CheckpointStore _checkpoints;
    private readonly FileSource _source;
    private readonly Batch _batch;
    private readonly byte[] _compressed;

    /// <param name="state">An empty directory.</param>
    /// <param name="files">Paths of files, each of which becomes a log.</param>
    /// <param name="processing">What happens to the records.</param>
    public ReadLoop(string state, IReadOnlyList<string> files, ProcessingOptions processing)
    {
        var metrics = new AgentMetrics();
        _batch = new Batch(_options, MaxLineBytes);
        _compressed = new byte[SnappyEncoder.MaxCompressedLength(Batch.Capacity(_options, MaxLineBytes))];
        _checkpoints = CheckpointStore.Open(state, NullLogger.Instance, metrics);
        var copies = HeldCopies.Open(state, _checkpoints, open: null, NullLogger.Instance, metrics);
        _source = new FileSource(
            new LaneOptions(_options, MaxLineBytes), new HeldBudget(long.MaxValue), new FileBudget(),
            new TailingServices(_checkpoints, copies, TimeProvider.System, NullLogger.Instance, metrics), NullLogger.Instance);
        StreamRules rules = StreamRulesFactory.Create(processing, new RecordOrigin { Source = RecordOrigin.Containers });
        for (int i = 0; i < files.Count; i++)
        {
            var labels = StreamLabels.Create(new Dictionary<string, string> { ["pod"] = $"bench-{i}" });
            _source.Publish(new LogFound(
                $"load/bench-{i}/main",
                new LogKind(LogKind.Container, HasHeaders: true, new TailerOptions()),
                new FixedAttributes(new StreamAttributes(labels, [], hasOutput: true, rules)),
                RotatedLog.FromFile(files[i], i)));
        }

        _source.DrainInbox();
    }

    /// <summary>Reads everything once.</summary>
    /// <returns>Number of records. The last group of a log is not one of them: it may continue.</returns>
    public int Run(bool compresses)
    {
        int records = 0;
        while (_source.Fill(_batch, nextPush: 0, out _))
        {
            records += _batch.Records;
            if (compresses)
            {
                _encoder.Compress(_batch.Bytes, _compressed);
            }

            foreach (ref readonly Run run in _batch.Runs)
            {
                _streams.Add(run.Stream);
            }

            _batch.Clear();
        }

        // Nothing was acknowledged, so everything is read again.
        foreach (LogStream stream in _streams)
        {
            _source.Rewind(stream, isUnconfirmed: false, _changes);
        }

        return records;
    }

    public void Dispose()
    {
        _source.Dispose();
        _checkpoints.Dispose();
    }
}
