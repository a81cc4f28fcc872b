using System.IO.Compression;
using Shipper.Core.Tests.Support;
using Shipper.Loki;
using Shipper.Telemetry;

namespace Shipper.Core.Tests.Tailing.Behaviour;

/// <summary>Logs that begin with the same heading each time they are rewritten: their beginning does not distinguish two contents.</summary>
public class SharedHeadingTests
{
    private static readonly string Heading = string.Concat(Enumerable.Range(0, 10).Select(i => $"# heading {i}, the same in every file of this log\n"));

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Truncate_RewrittenLonger_ReadsFromBeginning(bool isAgentDown)
    {
        using TailingFixture sut = Create();
        Write(sut.Log, "old", 200);
        sut.Find();
        if (isAgentDown)
        {
            sut.Restart();
        }

        Write(sut.Log, "new", 400);
        FindOrTurn(sut, isAgentDown);

        Assert.Equal([.. Lines("old", 200), .. Lines("new", 400)], sut.Lines);
        Assert.Equal(0, Lost(sut));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Truncate_UnreadRest_CountsItAsLost(bool isAgentDown)
    {
        using TailingFixture sut = Create(batchBytes: 2000);
        sut.Withhold();
        Write(sut.Log, "old", 400);
        long size = new FileInfo(sut.Log).Length;
        sut.Find();
        sut.Answer();
        sut.Withhold();
        sut.TurnOnce();
        if (isAgentDown)
        {
            sut.Restart();
        }
        else
        {
            sut.Answer();
        }

        Write(sut.Log, "new", 800);
        FindOrTurn(sut, isAgentDown);

        string[] old = [.. sut.Lines.Take(sut.Lines.Count() - 810)];
        Assert.Equal(Lines("old", 400)[..old.Length], old);
        Assert.Equal(Lines("new", 800), sut.Lines.Skip(old.Length));
        Assert.InRange(old.Length, 11, 409);
        Assert.Equal(size, old.Sum(line => line.Length + 1) + Lost(sut));
        Assert.Single(sut.Notices);
    }

    /// <summary>The new content equals the old one up to the position: they can't be told apart, and no line is missing.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Truncate_RewrittenWithSameLines_ResumesAfterThem(bool isAgentDown)
    {
        using TailingFixture sut = Create();
        Write(sut.Log, "line", 200);
        sut.Find();
        if (isAgentDown)
        {
            sut.Restart();
        }

        Write(sut.Log, "line", 300);
        FindOrTurn(sut, isAgentDown);

        Assert.Equal(Lines("line", 300), sut.Lines);
        Assert.Equal(0, Lost(sut));
    }

    /// <summary>One line differs, then the same block repeats.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Truncate_RepeatedBlocksAfterDifferentLine_ReadsNewContent(bool isAgentDown)
    {
        using TailingFixture sut = Create();
        string blocks = string.Concat(Enumerable.Repeat("-- statistics --\nqueue 0\nworkers 8\n", 2000));
        File.WriteAllText(sut.Log, Heading + "started as process 4711\n" + blocks);
        sut.Find();
        int before = sut.Lines.Count();
        if (isAgentDown)
        {
            sut.Restart();
        }

        File.WriteAllText(sut.Log, Heading + "started as process 4712\n" + blocks + blocks);
        FindOrTurn(sut, isAgentDown);

        Assert.Equal(before + 11 + 12_000, sut.Lines.Count());
    }

    [Theory]
    [InlineData("plain")]
    [InlineData("compressed")]
    [InlineData("copytruncate")]
    public void Rotate_AllFilesHaveSameBeginning_ReadsEachOnce(string style)
    {
        using TailingFixture sut = Create();
        var expected = new List<string>();
        for (int round = 0; round < 6; round++)
        {
            Write(sut.Log, $"round {round}", 100 + (round * 10), isRewritten: false);
            expected.AddRange(Lines($"round {round}", 100 + (round * 10)));
            if (round == 0)
            {
                sut.Find();
            }

            if (round % 2 == 1)
            {
                sut.Restart();
            }

            Rotate(sut.Log, style);
            if (round % 2 == 1)
            {
                Write(sut.Log, $"while away {round}", 30, isRewritten: false);
                expected.AddRange(Lines($"while away {round}", 30));
                Rotate(sut.Log, style);
                sut.Find();
            }
            else if (round == 4)
            {
                sut.Turn();
            }
        }

        sut.Turn();

        Assert.Equal(expected, sut.Lines);
        Assert.Equal(0, Lost(sut));
    }

    /// <summary>At the first start there are several compressed files that all have the same beginning.</summary>
    [Fact]
    public void Start_CompressedFilesHaveSameBeginning_ReadsAll()
    {
        using TailingFixture sut = Create();
        var expected = new List<string>();
        for (int round = 0; round < 5; round++)
        {
            Write(sut.Log, $"round {round}", 100 - (round * 10), isRewritten: false);
            expected.AddRange(Lines($"round {round}", 100 - (round * 10)));
            Rotate(sut.Log, "compressed");
        }

        sut.Find();

        Assert.Equal(expected, sut.Lines);
    }

    /// <summary>Docker's lines end with their time, so two files may share the long beginning of their first line.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Truncate_DockerLinesDifferOnlyInTime_ReadsNewContent(bool isAgentDown)
    {
        using var sut = new TailingFixture();
        WriteDocker(sut.Log, 0, 100);
        sut.Find();
        if (isAgentDown)
        {
            sut.Restart();
        }

        WriteDocker(sut.Log, 100, 250);
        FindOrTurn(sut, isAgentDown);

        Assert.Equal(350, sut.Lines.Count());
    }

    private static void WriteDocker(string path, int from, int count) => File.WriteAllLines(path, Enumerable.Range(from, count).Select(
        i => $"{{\"log\":\"{new string('x', 300)}\\n\",\"stream\":\"stdout\",\"time\":\"2026-11-23T01:21:{i / 10 % 60:D2}.{i:D9}Z\"}}"));

    private static void FindOrTurn(TailingFixture sut, bool isAgentDown)
    {
        if (isAgentDown)
        {
            sut.Find();
        }
        else
        {
            sut.Turn();
        }
    }

    private static long Lost(TailingFixture sut) => LossReasons.All.Sum(sut.Metrics.LostBytes.Get);

    private static string[] Lines(string name, int count) => [.. Heading.Split('\n', StringSplitOptions.RemoveEmptyEntries), .. Enumerable.Range(0, count).Select(i => $"{name}: line {i}")];

    private static void Write(string path, string name, int count, bool isRewritten = true)
    {
        // In place, as a truncating writer does.
        using var file = new FileStream(path, isRewritten ? FileMode.Create : FileMode.Append);
        using var writer = new StreamWriter(file);
        writer.Write(string.Join('\n', Lines(name, count)) + "\n");
    }

    private static void Rotate(string log, string style)
    {
        for (int i = 12; i > 0; i--)
        {
            foreach (string suffix in (string[])["", ".gz"])
            {
                if (File.Exists($"{log}.{i}{suffix}"))
                {
                    File.Move($"{log}.{i}{suffix}", $"{log}.{i + 1}{suffix}");
                }
            }
        }

        if (style == "copytruncate")
        {
            File.Copy(log, log + ".1");
            File.WriteAllText(log, "");
            return;
        }

        File.Move(log, log + ".1");
        if (style == "compressed")
        {
            using (FileStream plain = File.OpenRead(log + ".1"))
            using (var gzip = new GZipStream(File.Create(log + ".1.gz"), CompressionLevel.Fastest))
            {
                plain.CopyTo(gzip);
            }

            File.Delete(log + ".1");
        }
    }

    private static TailingFixture Create(long? batchBytes = null) =>
        new(hasHeaders: false, batchBytes: batchBytes) { CustomAttributes = new FixedAttributes(new StreamAttributes(Attributes.Of(("pod", "pod")).Labels, [], hasOutput: false)) };
}
