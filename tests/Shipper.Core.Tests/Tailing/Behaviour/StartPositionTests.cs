using System.Text;
using Shipper.Discovery;

namespace Shipper.Core.Tests.Tailing.Behaviour;

/// <summary>Where reading starts in existing files.</summary>
public class StartPositionTests : LogFileFixture
{
    [Theory]
    [InlineData(false, 20)]
    [InlineData(true, 0)]
    public void FirstStart_StartAtBeginningOrEnd_DecidesWhetherExistingLinesAreRead(bool atTheEnd, int expected)
    {
        var startAt = new StartAt(atTheEnd ? StartMode.End : StartMode.Beginning);
        using var sut = new TailingFixture(new TailerOptions { StartAt = startAt }, isInitial: true);
        Append(sut.Log + ".20261123-012803", 10);
        Compress(sut.Log + ".20261123-012803");
        Append(sut.Log, 10);
        sut.Find();
        Assert.Equal(expected, sut.Entries.Count);

        Append(sut.Log, 3);
        sut.Turn();
        Assert.Equal(expected + 3, sut.Entries.Count);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void FirstStart_StartAtAge_ReadsNewerRecords(bool isCompressed)
    {
        using var sut = new TailingFixture(new TailerOptions { StartAt = new StartAt(StartMode.Age, TimeSpan.FromHours(1)) }, isInitial: true);
        var text = new StringBuilder();
        DateTimeOffset now = sut.Time.GetUtcNow();
        for (int i = 0; i < 40_000; i++)
        {
            DateTimeOffset time = now - TimeSpan.FromHours(2) + TimeSpan.FromSeconds(i * 7200.0 / 40_000);
            text.Append(time.UtcDateTime.ToString("O")).Append(" stdout F ").Append(i).Append('\n');
        }

        string path = isCompressed ? sut.Log + ".20261123-012803" : sut.Log;
        File.WriteAllText(path, text.ToString());
        if (isCompressed)
        {
            Compress(path);
        }

        sut.Find();

        Assert.Equal("20000", sut.Lines.First());
        Assert.Equal("39999", sut.Lines.Last());
        Assert.Equal(20_000, sut.Entries.Count);
    }

    [Fact]
    public void Start_FileBeginsInMiddleOfLine_KeepsTimesOfLaterLines()
    {
        using var sut = new TailingFixture();
        File.WriteAllText(sut.Log, "lf of a line\n2020-01-01T00:00:01Z stdout F one\n2020-01-01T00:00:02Z stdout F two\n");

        sut.Find();

        Assert.Equal(["lf of a line", "one", "two"], sut.Lines);
        Assert.All(sut.Entries, entry => Assert.Equal(2020, entry.Timestamp.ToDateTime().Year));
    }

    /// <summary>Compressed files are searched in blocks. The edge of a block may cut the header of the line that is searched for.</summary>
    [Theory]
    [InlineData(-1)]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(20)]
    [InlineData(30)]
    [InlineData(100)]
    public void FirstStart_StartAtAgeInGzip_FindsFirstNewRecordAtBlockEdge(int bytesBeforeTheEdge)
    {
        const int BlockBytes = 128 * 1024;
        using var sut = new TailingFixture(new TailerOptions { StartAt = new StartAt(StartMode.Age, TimeSpan.FromHours(1)) }, isInitial: true);
        string rotated = sut.Log + ".20261123-012803";
        string Line(double age, string text, int length) =>
            $"{sut.Time.GetUtcNow().UtcDateTime.AddHours(-age):O} stdout F {text}".PadRight(length - 1, '.') + "\n";

        string old = Line(2, "old", BlockBytes / 2);
        string last = Line(2, "old", (BlockBytes / 2) - bytesBeforeTheEdge);
        File.WriteAllText(rotated, $"{old}{old}{old}{last}{Line(0.5, "first", 1000)}{Line(0.4, "second", BlockBytes)}{Line(0.3, "third", 1000)}");
        Compress(rotated);

        sut.Find();

        Assert.Equal(["first", "second", "third"], sut.Lines.Select(line => line.TrimEnd('.')));
    }

    /// <summary>Docker's lines begin with their text, so all files of a program may begin with its banner.</summary>
    [Fact]
    public void Restart_DockerFilesHaveSameBeginning_ReadsEachOnce()
    {
        using var sut = new TailingFixture();
        string banner = new('b', 300);
        File.WriteAllText(sut.Log, Docker(banner + 0) + Docker("one") + Docker("two"));
        sut.Find();

        // While no agent runs, the file that was read is deleted and two more are written.
        sut.Restart();
        File.Delete(sut.Log);
        File.WriteAllText(sut.Log + ".1", Docker(banner + 1) + Docker("three") + Docker("four") + Docker("five"));
        File.WriteAllText(sut.Log, Docker(banner + 2) + Docker("six"));
        sut.Find();

        Assert.Equal([banner + 0, "one", "two", banner + 1, "three", "four", "five", banner + 2, "six"], sut.Lines);
    }

    private static string Docker(string text) => $$"""{"log":"{{text}}\n","stream":"stdout","time":"2026-11-23T01:21:26.5Z"}""" + "\n";
}
