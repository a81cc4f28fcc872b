using Shipper.Core.Tests.Support;
using Shipper.Loki;
using Shipper.Protocol;
using Shipper.Records;

namespace Shipper.Core.Tests.Tailing.Behaviour;

/// <summary>Files whose lines have no timestamps.</summary>
public class PlainFileTests
{
    [Fact]
    public void Read_PlainLines_SendsThemUnchangedInOrder()
    {
        using TailingFixture sut = Create();
        File.WriteAllText(sut.Log, "2026-11-23T01:00:00Z stdout P not a part\n\n{\"log\":\"not docker\"}\nlast\n");
        sut.Find();

        IReadOnlyList<EntryAdapter> entries = sut.Entries;
        Assert.Equal(["2026-11-23T01:00:00Z stdout P not a part", "", "{\"log\":\"not docker\"}", "last"], entries.Select(entry => entry.Line));
        Assert.All(entries, entry => Assert.Empty(entry.StructuredMetadata));
        Assert.Equal(Enumerable.Range(0, 4).Select(i => Nanoseconds(entries[0]) + i), entries.Select(Nanoseconds));
        Assert.InRange(Nanoseconds(entries[0]), 0, sut.Time.GetUnixNanoseconds());
    }

    [Fact]
    public void Read_SecondBatch_GivesLinesTheTimeOfThatBatch()
    {
        using TailingFixture sut = Create();
        File.WriteAllText(sut.Log, "a\n");
        sut.Find();
        sut.Time.Advance(TimeSpan.FromMinutes(5));
        File.AppendAllText(sut.Log, "b\n");
        sut.Turn();

        Assert.True(Nanoseconds(sut.Entries[1]) - Nanoseconds(sut.Entries[0]) >= TimeSpan.FromMinutes(5).TotalNanoseconds);
    }

    [Fact]
    public void Restart_PushUnanswered_ResendsSameTimesAndGivesNewLinesNewTimes()
    {
        using TailingFixture sut = Create();
        File.WriteAllText(sut.Log, "a\nb\n");
        sut.Withhold();
        sut.Find();
        sut.Restart();
        sut.Time.Advance(TimeSpan.FromHours(1));
        File.AppendAllText(sut.Log, "c\nd\n");
        sut.Find();

        Assert.Equal(["a b", "a b", "c d"], sut.Requests.Select(request => string.Join(' ', request.Streams.Single().Entries.Select(entry => entry.Line))));
        Assert.Equal(sut.Requests[0], sut.Requests[1]);
        Assert.True(Nanoseconds(sut.Entries[2]) - Nanoseconds(sut.Entries[1]) >= TimeSpan.FromHours(1).TotalNanoseconds);
    }

    /// <summary>The crash loses the times that the lines were sent with, so they are sent again and counted as possible duplicates.</summary>
    [Fact]
    public void Crash_CheckpointNotOnDisk_CountsPossibleDuplicates()
    {
        using TailingFixture sut = Create();
        File.WriteAllText(sut.Log, "a\n");
        sut.Find();
        IReadOnlyDictionary<string, byte[]> onDisk = sut.ReadState();
        File.AppendAllText(sut.Log, "b\nc\n");
        sut.Turn();

        sut.Crash(onDisk);
        sut.Time.Advance(TimeSpan.FromMinutes(1));
        sut.Find();
        File.AppendAllText(sut.Log, "d\n");
        sut.Turn();

        Assert.Equal(["a", "b", "c", "b", "c", "d"], sut.Lines);
        Assert.Equal(2, sut.Metrics.PossibleDuplicates.Get());
    }

    /// <summary>The machine crashed while a push was pending, and the end of the file did not reach the disk.</summary>
    [Fact]
    public void Crash_FileShorterThanPendingPush_GivesLaterLinesNewTimes()
    {
        using TailingFixture sut = Create();
        string first = new('a', 300);
        File.WriteAllText(sut.Log, first + "\n");
        sut.Find();
        File.AppendAllText(sut.Log, "b\nc\n");
        sut.Withhold();
        sut.Turn();
        using (FileStream log = File.OpenWrite(sut.Log))
        {
            log.SetLength(first.Length + 1);
        }

        sut.Crash(sut.ReadState());
        sut.Time.Advance(TimeSpan.FromHours(1));
        sut.Find();
        File.AppendAllText(sut.Log, "d\ne\n");
        sut.Turn();

        Assert.Equal([first, "d", "e"], sut.Lines);
        Assert.True(Nanoseconds(sut.Entries[1]) - Nanoseconds(sut.Entries[0]) >= TimeSpan.FromHours(1).TotalNanoseconds);
    }

    /// <summary>The agent is killed 60 times, with different push sizes each time. Each line must keep the time that it was first sent with.</summary>
    [Fact]
    public void Restart_KilledRepeatedly_KeepsFirstTimeOfEachLine()
    {
        using TailingFixture sut = Create(batchBytes: 1024);
        var random = new Random(11);
        int lines = 0;
        for (int life = 0; life < 60; life++)
        {
            for (int i = random.Next(60); i > 0; i--)
            {
                File.AppendAllText(sut.Log, $"line {lines++} {new string('x', random.Next(40))}\n");
            }

            for (int pushes = random.Next(4); pushes > 0; pushes--)
            {
                sut.TurnOnce();
            }

            sut.Withhold();
            sut.Turn();
            sut.Time.Advance(TimeSpan.FromSeconds(random.Next(100)));
            sut.Restart();
            sut.Find();
        }

        var times = new Dictionary<string, long>();
        foreach (EntryAdapter entry in sut.Requests.SelectMany(request => request.Streams).SelectMany(stream => stream.Entries))
        {
            Assert.True(times.TryAdd(entry.Line, Nanoseconds(entry)) || times[entry.Line] == Nanoseconds(entry), $"{entry.Line} was sent with two different times.");
        }

        Assert.Equal(lines, times.Count);
        Assert.Equal(Enumerable.Range(0, lines), times.OrderBy(line => line.Value).Select(line => int.Parse(line.Key.Split(' ')[1], System.Globalization.CultureInfo.InvariantCulture)));
    }

    private static long Nanoseconds(EntryAdapter entry) => (entry.Timestamp.Seconds * 1_000_000_000) + entry.Timestamp.Nanos;

    private static TailingFixture Create(long? batchBytes = null) =>
        new(hasHeaders: false, batchBytes: batchBytes) { CustomAttributes = new FixedAttributes(new StreamAttributes(Attributes.Of(("pod", "pod")).Labels, [], hasOutput: false)) };
}
