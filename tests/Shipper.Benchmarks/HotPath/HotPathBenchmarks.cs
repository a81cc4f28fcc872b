using BenchmarkDotNet.Attributes;
using Microsoft.Extensions.Logging.Abstractions;
using Shipper.Batching;
using Shipper.Benchmarks.Input;
using Shipper.Checkpoints;
using Shipper.Discovery;
using Shipper.Discovery.Rotation;
using Shipper.Lanes;
using Shipper.Loki;
using Shipper.Parsing;
using Shipper.Processing;
using Shipper.Records;
using Shipper.Tailing;
using Shipper.Tailing.Copies;
using Shipper.Tailing.Files;
using Shipper.Tailing.Held;
using Shipper.Tailing.Streams;
using Shipper.Telemetry;

namespace Shipper.Benchmarks.HotPath;

/// <summary>
/// Measures time and allocated bytes per line of the steps of the hot path: each step alone, and all together from the file to the
/// compressed batch. The lines are those of the end-to-end measurement, half JSON and half access lines.
/// </summary>
[MemoryDiagnoser]
public class HotPathBenchmarks
{
    private readonly StreamAttributes _attributes = new(StreamLabels.Create(new Dictionary<string, string> { ["pod"] = "bench" }), [], hasOutput: true);
    private const int Lines = 20_000;
    private const int MaxLineBytes = 256 * 1024;

    private readonly string _directory = Directory.CreateTempSubdirectory("shipper-benchmark-").FullName;
    private readonly ContainerLineParser _parser = new(LaneOptions.DefaultReadBufferBytes);
    private readonly LineSanitizer _text = new(MaxLineBytes);
    private readonly BatchOptions _options = new();
    private readonly SnappyEncoder _encoder = new();

    private readonly CheckpointChanges _changes = new();
    private CheckpointStore _checkpoints = null!;
    private FileSource _source = null!;
    private LogStream? _stream;
    private Batch _batch = null!;
    private byte[] _content = null!;
    private byte[] _encoded = null!;
    private byte[] _full = null!;
    private byte[] _compressed = null!;
    private int _fullLines;

    [GlobalSetup]
    public void Prepare()
    {
        InputWriter.Write(_directory, files: 2, lines: Lines, TimeSpan.FromMinutes(10));
        string logs = Path.Combine(_directory, "log");
        Directory.CreateDirectory(logs);
        _content = [.. Directory.EnumerateFiles(Path.Combine(_directory, "containers")).Order(StringComparer.Ordinal).SelectMany(File.ReadAllBytes)];
        File.WriteAllBytes(Path.Combine(logs, "0.log"), _content);
        _encoded = new byte[_content.Length * 2];
        _batch = new Batch(_options, MaxLineBytes);
        _compressed = new byte[SnappyEncoder.MaxCompressedLength(Batch.Capacity(_options, MaxLineBytes))];

        string state = Path.Combine(_directory, "state");
        Directory.CreateDirectory(state);
        _checkpoints = CheckpointStore.Open(state, NullLogger.Instance, new AgentMetrics());
        var metrics = new AgentMetrics();
        _source = new FileSource(
            new LaneOptions(_options, MaxLineBytes), new HeldBudget(long.MaxValue), new FileBudget(),
            new TailingServices(_checkpoints, HeldCopies.Open(state, _checkpoints, open: null, NullLogger.Instance, metrics), TimeProvider.System, NullLogger.Instance, metrics), NullLogger.Instance);
        _source.Publish(new LogFound("load/bench/main", new LogKind(LogKind.Container, HasHeaders: true, new TailerOptions()), new FixedAttributes(_attributes), RotatedLog.FromFile(Path.Combine(logs, "0.log"), 0)));
        _source.DrainInbox();
        _source.Fill(_batch, nextPush: 0, out _);
        _full = _batch.Bytes.ToArray();
        _fullLines = _batch.Records;
        Rewind();
    }

    [Benchmark(OperationsPerInvoke = Lines, Description = "parse")]
    public long Parse()
    {
        long sum = 0;
        ReadOnlySpan<byte> rest = _content;
        for (int length; (length = rest.IndexOf((byte)'\n')) >= 0; rest = rest[(length + 1)..])
        {
            sum += _parser.TryParse(rest[..length], out LogLine line) ? line.TimestampNs : 0;
        }

        return sum;
    }

    [Benchmark(OperationsPerInvoke = Lines, Description = "parse, check UTF-8, encode")]
    public int Encode()
    {
        int written = 0;
        ReadOnlySpan<byte> rest = _content;
        for (int length; (length = rest.IndexOf((byte)'\n')) >= 0; rest = rest[(length + 1)..])
        {
            if (!_parser.TryParse(rest[..length], out LogLine line))
            {
                continue;
            }

            ReadOnlySpan<byte> text = _text.Prepare(line.Content, isAscii: false, line.Content.Length, MaxLineBytes, out long truncated);
            var record = new LogRecord(line.TimestampNs, _attributes.MetadataOf(line.Output), text, truncated);
            written += PushRequestWriter.WriteEntry(_encoded.AsSpan(written), record, line.TimestampNs, moved: false);
        }

        return written;
    }

    /// <summary>Compresses batches until they add up to the number of lines that the time is divided by: one batch has fewer lines.</summary>
    [Benchmark(OperationsPerInvoke = Lines, Description = "compress")]
    public int Compress()
    {
        int length = 0;
        for (int lines = 0; lines < Lines; lines += _fullLines)
        {
            ReadOnlySpan<byte> batch = lines + _fullLines <= Lines ? _full : _full.AsSpan(0, (int)((long)_full.Length * (Lines - lines) / _fullLines));
            length += _encoder.Compress(batch, _compressed);
        }

        return length;
    }

    [Benchmark(OperationsPerInvoke = Lines, Description = "read, parse, encode, compress")]
    public int FileToBatch()
    {
        int records = 0;
        while (_source.Fill(_batch, nextPush: 0, out _))
        {
            records += _batch.Records;
            _encoder.Compress(_batch.Bytes, _compressed);
            _stream = _batch.Runs[0].Stream;
            _batch.Clear();
        }

        Rewind();
        return records == Lines ? records : throw new InvalidOperationException($"BUG: {records} records read of {Lines}.");
    }

    [GlobalCleanup]
    public void Clean()
    {
        _source.Dispose();
        _checkpoints.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    /// <summary>Reads everything again: nothing was acknowledged.</summary>
    private void Rewind()
    {
        _stream ??= _batch.Runs[0].Stream;
        _batch.Clear();
        _source.Rewind(_stream, isUnconfirmed: false, _changes);
    }
}
