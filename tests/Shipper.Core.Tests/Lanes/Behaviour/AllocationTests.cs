using System.Globalization;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Shipper.Batching;
using Shipper.Checkpoints;
using Shipper.Core.Tests.Support;
using Shipper.Discovery;
using Shipper.Discovery.Rotation;
using Shipper.Lanes;
using Shipper.Loki;
using Shipper.Processing;
using Shipper.Tailing;
using Shipper.Tailing.Files;
using Shipper.Tailing.Held;
using Shipper.Telemetry;

namespace Shipper.Core.Tests.Lanes.Behaviour;

/// <summary>
/// Runs alone: a garbage collection caused by another test ends this thread's allocation context, and the rest of the context counts as allocated.
/// </summary>
[Collection(Alone)]
[CollectionDefinition(Alone, DisableParallelization = true)]
public class AllocationTests
{
    private const string Alone = "alone";
    private const int Lines = 40_000;

    // For all lines together.
    private const long MaxBytes = 2_000;

    // What stages remember is copied for each batch. Lines that allocate would need at least 24 bytes each.
    private const long MaxBytesWithMemory = 20_000;

    private readonly CheckpointChanges _changes = new();

    /// <summary>Reads, parses, processes, encodes and compresses in the loop of a lane: nothing may be left for the garbage collector.</summary>
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
    public void Fill_EachKindOfLine_AllocatesNothingPerLine(string kind)
    {
        using var directory = new TemporaryDirectory();
        Directory.CreateDirectory(directory["log"]);
        Write(directory["log/0.log"], kind);
        var rules = new StreamRules(excluded: null, new OutputRules(group: null, new LastByteStage()), OutputRules.None);
        AssertAllocatesNothing(directory, hasHeaders: !kind.StartsWith("plain", StringComparison.Ordinal), rules, MaxBytes);
    }

    /// <summary>The same with every stage, except a regex of the configuration: .NET allocates when it meets new kinds of text.</summary>
    [Fact]
    public void Fill_EveryStage_AllocatesNothingPerLine()
    {
        using var directory = new TemporaryDirectory();
        Directory.CreateDirectory(directory["log"]);
        EveryStage.WriteLog(directory["log/0.log"], Lines);
        StreamRules rules = StreamRulesFactory.Create(EveryStage.Options(), new RecordOrigin { Source = RecordOrigin.Containers, Namespace = "shop" });
        AssertAllocatesNothing(directory, hasHeaders: true, rules, MaxBytesWithMemory);
    }

    private void AssertAllocatesNothing(TemporaryDirectory directory, bool hasHeaders, StreamRules rules, long maxBytes)
    {
        Directory.CreateDirectory(directory["state"]);
        using var checkpoints = CheckpointStore.Open(directory["state"], NullLogger.Instance, new AgentMetrics());
        var options = new LaneOptions(new BatchOptions(), 256 * 1024);
        using var source = new FileSource(
            options, new HeldBudget(0), new FileBudget(), Services.ForTailing(directory["state"], checkpoints, TimeProvider.System, new AgentMetrics()), NullLogger.Instance);
        source.Publish(new LogFound(
            "ns/pod/main", Attributes.Kind with { HasHeaders = hasHeaders }, new FixedAttributes(new StreamAttributes(Attributes.Of().Labels, [], hasOutput: true, rules)), RotatedLog.FromFile(directory["log/0.log"], 0)));
        source.DrainInbox();
        var batch = new Batch(options.Batch, options.MaxLineBytes);
        var compressed = new byte[SnappyEncoder.MaxCompressedLength(Batch.Capacity(options.Batch, options.MaxLineBytes))];
        var encoder = new SnappyEncoder();

        // The first round makes one-time allocations: code, scratch buffers, marks, the pools of the compressor.
        int records = ReadAll();
        long least = Allocation.Least(() => Assert.True(records == ReadAll()));

        Assert.InRange(records, Lines / 8, 2 * Lines);
        Assert.True(least < maxBytes, $"{least} bytes for {records} records");

        int ReadAll()
        {
            int count = 0;
            LogStream? stream = null;
            while (source.Fill(batch, nextPush: 0, out _))
            {
                stream = batch.Runs[0].Stream;
                count += batch.Records;
                encoder.Compress(batch.Bytes, compressed);
                batch.Clear();
            }

            // Nothing was acknowledged, so everything is read again.
            source.Rewind(stream!, isUnconfirmed: false, _changes);
            return count;
        }
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

    /// <summary>Looks at each line and changes it, because stages are part of the hot path.</summary>
    private sealed class LastByteStage : ProcessingStage
    {
        public override StageVerdict Apply(ref RecordDraft draft, StageContext context)
        {
            draft.Line = draft.Line is [.. var line, (byte)'0'] ? line : draft.Line;
            return StageVerdict.Keep;
        }
    }
}
