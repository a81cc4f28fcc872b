using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Win32.SafeHandles;
using Shipper.Checkpoints;
using Shipper.Content;
using Shipper.Core.Tests.Support;
using Shipper.Discovery;
using Shipper.Discovery.Rotation;
using Shipper.Loki;
using Shipper.Native;
using Shipper.Processing;
using Shipper.Records;
using Shipper.Tailing.Losses;
using Shipper.Tailing.Reading;
using Shipper.Tailing.Streams;
using Shipper.Telemetry;

namespace Shipper.Core.Tests.Fuzzing.Targets;

/// <summary>
/// A log file of arbitrary content, and the records that the agent reads from it. The file is in memory, and buffers are small so that lines often cross their
/// edges.
/// </summary>
internal sealed class LogFile : IDisposable
{
    public const int MaxLineBytes = LineSanitizer.MinLineBytes + 44;
    public const int BufferBytes = 512;
    public const long FirstNs = 1;

    private readonly TemporaryDirectory _directory = new(isInMemory: true);
    private readonly AgentMetrics _metrics = new();
    private readonly CheckpointStore _checkpoints;
    private readonly LogReader _reader;
    private readonly RecordPipeline _pipeline = new(MaxLineBytes);
    private readonly List<ReadRecord> _records = [];
    private TailedStream _stream = null!;
    private Generation _generation = null!;
    private long _damagedBefore;
    private readonly FileMark _mark = new(null!);
    private readonly StageMemory _memory = new();

    public LogFile()
    {
        Directory.CreateDirectory(_directory["state"]);
        _checkpoints = CheckpointStore.Open(_directory["state"], NullLogger.Instance, _metrics);
        TailingServices services = Services.ForTailing(_directory["state"], _checkpoints, TimeProvider.System, _metrics);
        _reader = new LogReader(MaxLineBytes, services, new LossRecorder(services), BufferBytes);
    }

    /// <summary>True if a compressed file was found to be damaged.</summary>
    public bool IsDamaged => _metrics.FileErrors.Get("damaged_gzip") > _damagedBefore;

    /// <summary>Reads content that is written in pieces, to its end.</summary>
    /// <param name="pieces">The pieces.</param>
    /// <param name="isGzip">True if the content is compressed.</param>
    /// <param name="longLines">What to do with lines that are too long.</param>
    /// <param name="interrupts">Decides after each record whether the turn ends.</param>
    /// <param name="hasHeaders">False if the lines are plain text.</param>
    /// <param name="rules">The processing rules; null for none.</param>
    public List<ReadRecord> Read(
        IReadOnlyList<byte[]> pieces, bool isGzip, LongLineAction longLines, Func<bool> interrupts, bool hasHeaders = true, StreamRules? rules = null)
    {
        _memory.CopyFrom(null);
        string path = _directory[isGzip ? "0.log.20261123-012803.gz" : "0.log"];
        File.WriteAllBytes(path, pieces[0]);
        if (isGzip)
        {
            // An old file: the reader waits for the rest of a recent file that ends in the middle.
            File.SetLastWriteTimeUtc(path, DateTime.UnixEpoch);
        }

        Open(path, isGzip, longLines, hasHeaders, rules);
        try
        {
            ReadTurns(interrupts);
            foreach (byte[] piece in pieces.Skip(1))
            {
                File.AppendAllBytes(path, piece);
                Assert.True(_generation.TryCheck(0));
                ReadTurns(interrupts);
            }

            File.Delete(path);
            _generation.Log.IsUnlinked = true;
            Assert.True(_generation.TryCheck(0));
            _generation.Progress.ScanTo(Math.Min(_generation.Progress.Scanned, _generation.ReadPosition.Min));
            ReadTurns(interrupts);
            long end = pieces.Sum(piece => piece.Length) - _generation.TrailingNuls;
            Assert.True(IsDamaged || isGzip || _generation.ReadPosition == FilePosition.Both(end), $"read to {_generation.ReadPosition} of {end}");
            return _records;
        }
        finally
        {
            _reader.End();
            _generation.File.Detach()?.Dispose();
        }
    }

    public void Dispose()
    {
        _reader.Dispose();
        _checkpoints.Dispose();
        _directory.Dispose();
    }

    private void Open(string path, bool isGzip, LongLineAction longLines, bool hasHeaders, StreamRules? rules)
    {
        _damagedBefore = _metrics.FileErrors.Get("damaged_gzip");
        _records.Clear();
        RotatedLog rotatedLog = RotatedLog.FromFile(path, 0);
        Assert.True(rotatedLog.TryParse(Path.GetFileName(path), out GenerationName name));
        Assert.Equal(0, LogFileOpener.Open(path, out SafeFileHandle? handle, out FileStatus status));
        StreamCheckpoint stream = _checkpoints.GetOrAddStream("ns/pod/main");
        _generation = new Generation(rotatedLog, name, _checkpoints.AddGeneration(stream, path));
        _generation.Attach(handle!, status, isGzip, isGzip ? GzipContent.ReadSize(handle!, status.Size) : status.Size);
        _stream = new TailedStream(
            stream,
            Attributes.KindOf(new TailerOptions { MaxLineBytes = MaxLineBytes, LongLines = longLines }) with { HasHeaders = hasHeaders },
            new StreamAttributes(StreamLabels.Create([KeyValuePair.Create("pod", "pod")]), [], hasOutput: true, rules))
        {
            Turn = { BaseNs = FirstNs },

            // Otherwise a first line without a header gets the time of the next line in the buffer.
            Clock = new StreamClock(FirstNs, FirstNs, FirstNs),
        };
        _stream.Queue.Add(_generation);
    }

    /// <summary>Does what the lane does: turn after turn, until there is nothing left to read.</summary>
    private void ReadTurns(Func<bool> interrupts)
    {
        while (_reader.Begin(_stream, QuietFlush.None, _memory))
        {
            RecordDraft draft = default;
            ReadResult result;
            while ((result = _reader.Read(ref draft)) is ReadResult.Record or ReadResult.NeedsListing)
            {
                if (result == ReadResult.NeedsListing)
                {
                    continue;
                }

                if (!_pipeline.TryRun(_stream.Attributes.Rules, _stream.LineLimit, ref draft, out LogRecord record, out string? dropped))
                {
                    _reader.Drop(draft.Output, dropped!, records: 1);
                }
                else if (Add(in record))
                {
                    break;
                }
            }

            FilePosition before = _generation.ReadPosition;
            _reader.Save(_mark);
            _mark.Positions.Clear();
            _mark.Drops.Clear();
            Assert.True(_generation.ReadPosition.Stdout >= before.Stdout && _generation.ReadPosition.Stderr >= before.Stderr, $"{before} to {_generation.ReadPosition}");
            _reader.End();
            if (result == ReadResult.Drained)
            {
                return;
            }
        }

        bool Add(in LogRecord record)
        {
            Assert.True(record.Line.Length <= MaxLineBytes);
            _records.Add(ReadRecord.Of(in record));
            _stream.Clock = new StreamClock(record.TimestampNs, record.TimestampNs, record.TimestampNs);
            return interrupts();
        }
    }
}
