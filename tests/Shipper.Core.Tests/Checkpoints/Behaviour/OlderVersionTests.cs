using Shipper.Checkpoints;
using Shipper.Content;
using Shipper.Core.Tests.Support;
using Shipper.Records;
using Shipper.Telemetry;

namespace Shipper.Core.Tests.Checkpoints.Behaviour;

/// <summary>The state of an agent of commit 7b75d06 that was killed while pushes were pending.</summary>
public sealed class OlderVersionTests : IDisposable
{
    // The times of the last acknowledged lines, and of the first entry of the journal.
    private const long WebNs = 1_796_028_004_033_974_500;
    private const long FastNs = 1_796_028_004_034_324_500;
    private const long JournalNs = 1_796_028_533_024_000_000;

    private static readonly string Recording = Path.Combine(Recordings.State, "7b75d06");

    private readonly TemporaryDirectory _directory = new();
    private readonly AgentMetrics _metrics = new();

    public OlderVersionTests()
    {
        foreach (string path in Directory.GetFiles(Recording, "checkpoint-*"))
        {
            File.Copy(path, _directory[Path.GetFileName(path)]);
        }
    }

    private static string Root => File.ReadAllLines(Path.Combine(Recording, "node.txt"))[0];

    private static string WebLog => $"{Root}/log/pods/shop_web-7549799c69-hdrdf_c618a892-a180-4c3a-acb4-8ef0a14644d5/app/0.log";

    private static string FastLog => $"{Root}/log/pods/logs_fast_b21afd0c-af03-4888-a28c-28ef73dd6e8d/main/0.log";

    private static string Boot => File.ReadAllLines(Path.Combine(Recording, "node.txt"))[1];

    public void Dispose() => _directory.Dispose();

    /// <summary>The second start reads what this version wrote at the first.</summary>
    [Fact]
    public void Open_StateOfOlderVersion_ReadsEverythingAlsoAfterRestart()
    {
        for (int i = 0; i < 2; i++)
        {
            using CheckpointStore sut = Open(Boot);
            Assert.False(sut.IsFirstStart);
            Assert.False(sut.HasUnconfirmed);
            Assert.Equal(15, sut.GetStreams().Count);
            AssertFiles(sut);
            AssertRest(sut);
        }

        Assert.Equal(0, _metrics.CheckpointErrors.Get());
    }

    [Fact]
    public void Open_MachineRebootedSince_HasUnconfirmed()
    {
        using CheckpointStore sut = Open("another");

        Assert.True(sut.HasCrashed);
        Assert.True(sut.HasUnconfirmed);
    }

    private static void AssertFiles(CheckpointStore checkpoints)
    {
        StreamCheckpoint web = checkpoints.FindStream("shop/web-7549799c69-hdrdf/app")!;
        GenerationCheckpoint generation = Assert.Single(web.Generations);
        Assert.Equal(WebLog, generation.LogPath);
        Assert.Equal((new FileIdentity(15345470487975276889, 256), FilePosition.Both(1835), 2395L), (generation.Identity, generation.Acknowledged, generation.Size));
        Assert.Equal(new LedgerEntry(IsLost: false, DropReasons.Excluded, 303), Assert.Single(generation.LedgerEntries));
        Assert.Equal((FilePosition.Both(2395), 0L), (generation.LastSentRange?.End, generation.LastSentRange?.BaseNs));
        Assert.Equal(
            ("{cluster=\"test\", container=\"app\", environment=\"ci\", namespace=\"shop\", node=\"node-1\", pod=\"web-7549799c69-hdrdf\"}", LogOutput.Stderr),
            (generation.LastSentRange?.Attributes.Labels.Selector, generation.LastSentRange?.Attributes.Rules.Excluded));
        Assert.Equal(new StreamClock(WebNs, WebNs, WebNs), web.Clock);

        StreamCheckpoint fast = checkpoints.FindStream("logs/fast/main")!;
        Assert.Equal([FastLog, FastLog, FastLog], fast.Generations.Select(known => known.LogPath));
        Assert.Equal([FilePosition.Both(1835), FilePosition.Both(1730), FilePosition.Both(1560)], fast.Generations.Select(known => known.Acknowledged));
        Assert.Equal([1835, 1730, 2130], fast.Generations.Select(known => known.Size));
        Assert.Equal(FilePosition.Both(2130), Assert.Single(fast.Generations, known => known.LastSentRange?.IsBeyond(known.Acknowledged) == true).LastSentRange?.End);
        Assert.Equal(new StreamClock(FastNs, FastNs, FastNs), fast.Clock);
    }

    private static void AssertRest(CheckpointStore checkpoints)
    {
        Assert.Equal([FastLog, WebLog], checkpoints.GetPathsWithExcludedOutputs().Select(path => path + "/0.log").Order(StringComparer.Ordinal));
        Assert.Equal((ExcludedOutputs.None, ExcludedOutputs.Stderr), (checkpoints.GetExcludedOutputs(Path.GetDirectoryName(FastLog)!), checkpoints.GetExcludedOutputs(Path.GetDirectoryName(WebLog)!)));

        StreamCheckpoint journal = checkpoints.FindStream($"journal:{Root}/journal")!;
        Assert.Equal("s=1b442291a9314938af6ad1e3b74ae158;i=c;b=0123456789abcdef0123456789abcdef;m=b71b00;t=6617a7b5f7dc0;x=785ce7ca491c91c5", journal.Cursor);
        IReadOnlyList<StreamCheckpoint> units = [.. checkpoints.GetStreams().Where(stream => stream.Key.StartsWith(journal.Key + ":", StringComparison.Ordinal))];
        Assert.Equal(12, units.Count);
        Assert.All(units, unit => Assert.Equal("", unit.Cursor));
        Assert.Equal(
            Enumerable.Range(0, 12).Select(second => JournalNs + (second * 1_000_000_000L)),
            units.Select(unit => unit.Clock.LastSentNs).Order());
    }

    private CheckpointStore Open(string boot) => CheckpointStore.Open(_directory, new RecordedLog(), _metrics, boot);
}
