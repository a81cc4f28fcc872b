using System.Globalization;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Shipper.Batching;
using Shipper.Checkpoints;
using Shipper.Core.Tests.Testing;
using Shipper.Discovery.Rotation;
using Shipper.Loki;
using Shipper.Native;
using Shipper.Records;
using Shipper.Tailing.Files;
using Shipper.Tailing.Losses;
using Shipper.Tailing.Reading;
using Shipper.Tailing.Streams;
using Shipper.Telemetry;

namespace Shipper.Core.Tests.Lanes;

/// <summary>Alone: a collection that another test brings about ends this thread's allocation context, and its rest counts as allocated.</summary>
[Collection(Alone)]
[CollectionDefinition(Alone, DisableParallelization = true)]
public class AllocationTests
{
    private const string Alone = "alone";
    private const int Lines = 40_000;

    /// <summary>Read, parse, encode and compress, line by line, must leave nothing for the garbage collector.</summary>
    [Theory]
    [InlineData("cri")]
    [InlineData("docker")]
    [InlineData("parts")]
    [InlineData("invalid")]
    [InlineData("headerless")]
    [InlineData("nuls")]
    [InlineData("nuls inside")]
    [InlineData("torn")]
    [InlineData("plain")]
    [InlineData("plain with carriage returns")]
    [InlineData("plain UTF-16")]
    public void HotPath_EachKindOfLine_AllocatesNothingPerLine(string kind)
    {
        using var directory = new TemporaryDirectory();
        Write(directory["0.log"], kind);
        using var checkpoints = CheckpointStore.Open(directory, NullLogger.Instance, new AgentMetrics());
        var options = new BatchOptions();
        const int MaxLineBytes = 256 * 1024;
        var batch = new Batch(options, MaxLineBytes);
        var compressed = new byte[SnappyEncoder.MaxCompressedLength(Batch.Capacity(options, MaxLineBytes))];
        var encoder = new SnappyEncoder();
        var services = Services.ForTailing(directory, checkpoints, TimeProvider.System, new AgentMetrics());
        var marks = new FileMarks(new NulBook(services, new LossBook(services)), TimeProvider.System, services.Metrics);
        using var reader = new LogReader(MaxLineBytes, TimeProvider.System, new NoObserver());

        // The first round brings what is allocated once: code, scratch buffers, the pools of the compressor.
        bool hasHeaders = !kind.StartsWith("plain", StringComparison.Ordinal);
        Read(Open(checkpoints, directory, "first", hasHeaders));
        long least = long.MaxValue;
        int records = 0;
        for (int round = 0; round < 3; round++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            records = Read(Open(checkpoints, directory, $"round {round}", hasHeaders, out long opened));
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before - opened);
        }

        Assert.InRange(records, Lines / 4, 2 * Lines);
        Assert.True(least < 2_000, $"{least} bytes for {records} records");

        int Read(TailedStream stream)
        {
            int count = 0;
            Assert.True(reader.Begin(stream, flushesOpenLines: false));
            bool hasMore = true;
            while (hasMore)
            {
                batch.Clear();
                batch.BeginRun(stream, stream.Attributes, TimeWindow.Unbounded);
                while (!batch.IsFull && (hasMore = reader.TryRead(out LogRecord record) || reader.IsPaused))
                {
                    if (!reader.IsPaused)
                    {
                        batch.Append(in record);
                    }
                    else
                    {
                        break;
                    }
                }

                count += batch.Records;
                FileMark mark = marks.Rent();
                reader.Save(mark);
                batch.EndRun(mark);
                encoder.Compress(batch.Bytes, compressed);
                if (reader.IsPaused)
                {
                    reader.Begin(stream, flushesOpenLines: false);
                }
            }

            reader.End();
            return count;
        }
    }

    private static TailedStream Open(CheckpointStore checkpoints, TemporaryDirectory directory, string key, bool hasHeaders) =>
        Open(checkpoints, directory, key, hasHeaders, out _);

    private static TailedStream Open(CheckpointStore checkpoints, TemporaryDirectory directory, string key, bool hasHeaders, out long allocated)
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        var stream = new TailedStream(checkpoints.GetStream(key), Attributes.Source with { HasHeaders = hasHeaders }, Attributes.Of());
        var series = LogSeries.Of(directory["0.log"], 0);
        var metrics = new AgentMetrics();
        TailingServices services = Services.ForTailing(directory, checkpoints, TimeProvider.System, metrics);
        var losses = new LossBook(services);
        var nuls = new NulBook(services, losses);
        var scanner = new GenerationScanner(services, new FileBudget().Join(), losses, nuls);
        scanner.AddSeries(stream, series);
        var listing = new List<DirectoryEntry>();
        DirectoryLister.List(directory, listing, out _);
        scanner.Scan(stream, series, listing, new CheckpointChanges());
        allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        return stream;
    }

    private static void Write(string path, string kind)
    {
        using var file = new FileStream(path, FileMode.Create);
        Encoding encoding = kind == "plain UTF-16" ? Encoding.Unicode : Encoding.UTF8;
        file.Write(kind == "plain UTF-16" ? encoding.Preamble : []);
        var random = new Random(7);
        for (int i = 0; i < Lines; i++)
        {
            string time = string.Create(CultureInfo.InvariantCulture, $"2026-11-23T01:{i / 1000 % 60:D2}:{i % 60:D2}.{random.Next(1_000_000_000):D9}Z");
            string text = string.Create(CultureInfo.InvariantCulture, $"GET /index.html?seq={i} HTTP/1.1 {new string('x', random.Next(200))}");
            byte[] line = kind switch
            {
                "docker" => Encoding.UTF8.GetBytes($"{{\"log\":\"{text}\\n\",\"stream\":\"stdout\",\"time\":\"{time}\"}}\n"),
                "parts" => Encoding.UTF8.GetBytes($"{time} {(i % 3 == 0 ? "stderr" : "stdout")} {(i % 4 == 3 ? 'F' : 'P')} {text}\n"),
                "invalid" => [.. Encoding.UTF8.GetBytes($"{time} stdout F {text}"), 0xFF, 0xC3, (byte)'\n'],
                "headerless" => Encoding.UTF8.GetBytes(text + "\n"),
                "nuls" => Encoding.UTF8.GetBytes($"{new string('\0', i % 9)}{time} stdout F {text}\n"),
                "nuls inside" => Encoding.UTF8.GetBytes($"{time} stdout F {text}\0\0{text}\n"),
                "torn" => Encoding.UTF8.GetBytes($"{time} std{time} stdout F {text}\n"),
                "plain" or "plain UTF-16" => encoding.GetBytes(text + "\n"),
                "plain with carriage returns" => Encoding.UTF8.GetBytes(text + "\r\n"),
                _ => Encoding.UTF8.GetBytes($"{time} stdout F {text}\n"),
            };
            file.Write(line);
        }
    }

    private sealed class NoObserver : ITailingObserver
    {
        public void BeforeNextGeneration(Generation generation)
        {
        }

        public void BytesLost(TailedStream stream, Generation generation, string reason, long bytes)
        {
        }

        public void EncodingUnknown(Generation generation)
        {
        }

        public void GzipDamaged(Generation generation, long offset, string error)
        {
        }
    }
}
