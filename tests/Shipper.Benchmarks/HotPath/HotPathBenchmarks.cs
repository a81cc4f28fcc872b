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
using Shipper.Tailing.Reading;
using Shipper.Tailing.Streams;
using Shipper.Telemetry;

namespace Shipper.Benchmarks.HotPath;

/// <summary>
/// The steps of the hot path, each for itself, and all together from the file to the compressed batch: time and allocated
/// bytes per line. The lines are those of the end-to-end measurement, half JSON and half access lines.
/// </summary>
[MemoryDiagnoser]
public class HotPathBenchmarks
{
    private readonly StreamAttributes _attributes = new(StreamLabels.Create(new Dictionary<string, string> { ["pod"] = "bench" }), [], hasOutput: true);
    private const int Lines = 20_000;
    private const int MaxLineBytes = 256 * 1024;

    private readonly string _directory = Directory.CreateTempSubdirectory("shipper-benchmark-").FullName;
    private readonly ContainerLineParser _parser = new(LaneOptions.DefaultReadBufferBytes);
    private readonly LineText _text = new(MaxLineBytes);
    private readonly BatchOptions _options = new();
    private readonly SnappyEncoder _encoder = new();
    private FileMarks _marks = null!;

    private CheckpointStore _checkpoints = null!;
    private TailedLogs _logs = null!;
    private TailedStream _stream = null!;
    private LogReader _reader = null!;
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
        _logs = new TailedLogs(
            new HeldBudget(long.MaxValue), new FileBudget(),
            new TailingServices(_checkpoints, HeldCopies.Open(state, _checkpoints, open: null, NullLogger.Instance, new AgentMetrics()), TimeProvider.System, NullLogger.Instance, new AgentMetrics()), TimeSpan.FromSeconds(1));
        _marks = new FileMarks(_logs.Nuls, TimeProvider.System, new AgentMetrics());
        _logs.Publish(new LogFound("load/bench/main", new LogSource(LogSource.Container, HasHeaders: true, new TailerOptions()), new FixedAttributes(_attributes), LogSeries.Of(Path.Combine(logs, "0.log"), 0)));
        _logs.DrainInbox();
        _stream = _logs.FindReady(out _)!;

        _reader = new LogReader(MaxLineBytes, TimeProvider.System, _logs);
        _reader.Begin(_stream, flushesOpenLines: false);
        FillBatch();
        _full = _batch.Bytes.ToArray();
        _fullLines = _batch.Records;
        _reader.End();
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

    /// <summary>Lines of one batch are fewer than the lines that the time is divided by: scaled to it.</summary>
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
        _stream.Generations[0].Read = default;
        _stream.Generations[0].Scanned = 0;
        _reader.Begin(_stream, flushesOpenLines: false);
        int records = 0;
        while (FillBatch())
        {
            records += _batch.Records;
            _encoder.Compress(_batch.Bytes, _compressed);
        }

        _reader.End();
        return records == Lines ? records : throw new InvalidOperationException($"BUG: {records} records read of {Lines}.");
    }

    [GlobalCleanup]
    public void Clean()
    {
        _reader.Dispose();
        _logs.Dispose();
        _checkpoints.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    private bool FillBatch()
    {
        _batch.Clear();
        bool hasMore = true;
        while (hasMore && !_batch.IsFull)
        {
            // A turn of one stream, as a lane takes it.
            _batch.BeginRun(_stream, _stream.Attributes, TimeWindow.Unbounded);
            while ((hasMore = _reader.TryRead(out LogRecord record)) && _batch.Append(in record))
            {
            }

            FileMark mark = _marks.Rent();
            _reader.Save(mark);
            _batch.EndRun(mark);
            if (_reader.IsPaused)
            {
                hasMore = _reader.Begin(_stream, flushesOpenLines: false);
            }
        }

        return _batch.Records > 0;
    }
}
