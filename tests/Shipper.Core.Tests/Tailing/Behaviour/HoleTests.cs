using System.Text;
using Shipper.Discovery;
using Shipper.Telemetry;

namespace Shipper.Core.Tests.Tailing.Behaviour;

/// <summary>Files truncated under a writer that does not append: it continues at its old offset, after a hole.</summary>
public class HoleTests : LogFileFixture
{
    /// <summary>The file is truncated five times, with or without a copy of its content; the agent sees the empty file or does not.</summary>
    [Theory]
    [InlineData(false, false, false)]
    [InlineData(false, true, false)]
    [InlineData(true, false, false)]
    [InlineData(true, true, false)]
    [InlineData(true, false, true)]
    [InlineData(true, true, true)]
    public void Truncate_Repeatedly_SendsEachLineOnce(bool hasCopies, bool isSeenEmpty, bool isGzip)
    {
        using var sut = new TailingFixture(hasHeaders: false);
        using FileStream writer = OpenInPlace(sut.Log);
        var expected = new List<string>();
        Write(writer, expected, 20_000);
        sut.Find();
        for (int i = 1; i < 6; i++)
        {
            Rotate(sut.Log, hasCopies, isGzip);
            if (isSeenEmpty)
            {
                sut.TurnWithoutEvent();
            }

            for (int j = 0; j < 3; j++)
            {
                Write(writer, expected, 100);
                sut.Turn();
            }
        }

        Assert.Equal(expected, sut.Lines);
        Assert.Equal(5, sut.Metrics.TruncatedFiles.Get());
        AssertNothingLost(sut);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Truncate_UnreadRest_ReadsItFromCopy(bool isKilled)
    {
        using var sut = new TailingFixture(hasHeaders: false, batchBytes: 1000);
        using FileStream writer = OpenInPlace(sut.Log);
        var expected = new List<string>();
        Write(writer, expected, 5000);
        sut.Find();
        Rotate(sut.Log, hasCopies: true, isGzip: false);
        Write(writer, expected, 100);
        sut.Turn();
        sut.Withhold();
        Write(writer, expected, 3000);
        sut.Turn();
        Rotate(sut.Log, hasCopies: true, isGzip: false);
        Write(writer, expected, 3000);
        if (isKilled)
        {
            sut.Restart();
            sut.Find();
        }
        else
        {
            sut.Turn();
            sut.Answer();
        }

        sut.Turn();

        Assert.Equal(expected, sut.Lines);
        AssertNothingLost(sut);
    }

    [Theory]
    [InlineData(600_000)]
    [InlineData(50L * 1024 * 1024 * 1024)]
    public void Truncate_LokiUnavailable_DoesNotCountHoleAsBacklog(long hole)
    {
        using var sut = new TailingFixture(hasHeaders: false);
        File.WriteAllText(sut.Log, "before\n");
        sut.Find();
        sut.Withhold();
        Truncate(sut.Log);
        WriteAfterHole(sut.Log, hole, "behind\n");

        sut.Turn();
        sut.Time.Advance(TimeSpan.FromSeconds(2));
        sut.TurnWithoutEvent();

        Assert.Equal("behind\n".Length, sut.Status.LagBytes);
        Assert.Equal("behind\n".Length, sut.Ledger.Pending);
        Assert.Equal(hole, sut.Metrics.NulBytes.Get("file"));
        sut.Answer();
        sut.Turn();
        Assert.Equal(["before", "behind"], sut.Lines);
        Assert.Equal(hole + (2 * "before\n".Length), sut.Ledger.Written);
        sut.Restart();
        sut.Find();
        Assert.Equal(["before", "behind"], sut.Lines);
        Assert.Equal(hole, sut.Metrics.NulBytes.Get("file"));
        Assert.InRange(sut.Metrics.ReadBytes.Get("file"), 0, 1024 * 1024);
        AssertNothingLost(sut);
    }

    [Fact]
    public void Restart_TruncatedWhileDown_SendsLineAfterHole()
    {
        using var sut = new TailingFixture();
        Append(sut.Log, 300);
        sut.Find();
        sut.Restart();
        long hole = new FileInfo(sut.Log).Length;
        Truncate(sut.Log);
        WriteAfterHole(sut.Log, hole, "2026-11-23T01:31:26Z stdout F behind\n");

        sut.Find();

        Assert.Equal("behind", sut.Lines.Last());
        Assert.Equal(301, sut.Entries.Count);

        // Nobody knows what was written between the stop and the truncation.
        Assert.Contains("may be lost", Assert.Single(sut.Notices).Line, StringComparison.Ordinal);
        Assert.All(LossReasons.All, reason => Assert.Equal(0, sut.Metrics.LostBytes.Get(reason)));
    }

    /// <summary>The saved copy of a deleted file has the hole, too, and is recognized by the bytes after it.</summary>
    [Fact]
    public void Stop_DeletedFileBeginsWithHole_SavesCopyAndResumesInIt()
    {
        using var sut = new TailingFixture(hasHeaders: false);
        File.WriteAllText(sut.Log, "before\n");
        sut.Find();
        Truncate(sut.Log);
        var expected = new List<string> { "before" };
        WriteAfterHole(sut.Log, 3L * 1024 * 1024 * 1024, "");
        using (FileStream writer = OpenInPlace(sut.Log))
        {
            writer.Position = 3L * 1024 * 1024 * 1024;
            Write(writer, expected, 1000);
            sut.Turn();
            sut.Withhold();
            Write(writer, expected, 1000);
            sut.Turn();
        }

        File.Delete(sut.Log);
        sut.Turn();
        sut.Stop();
        Assert.Single(sut.Copies);
        sut.Find();

        Assert.Equal(expected, sut.Lines);
        Assert.Empty(sut.Copies);
        AssertNothingLost(sut);
    }

    /// <summary>After a reload the successor knows as much about the open file as its predecessor.</summary>
    [Fact]
    public void Reload_DeletedFileBeginsWithHole_SavesCopyAtStopAndResumesInIt()
    {
        using var sut = new TailingFixture();
        Append(sut.Log, 300);
        sut.Find();
        long hole = new FileInfo(sut.Log).Length;
        Truncate(sut.Log);
        WriteAfterHole(sut.Log, hole, "2026-11-23T01:31:26Z stdout F behind\n");
        File.AppendAllText(sut.Log, $"2026-11-23T01:31:26Z stdout F more {new string('x', 100_000)}\n");
        sut.Turn();
        sut.Withhold();
        File.AppendAllText(sut.Log, $"2026-11-23T01:31:27Z stdout F last {new string('x', 20_000)}\n");
        sut.Turn();
        File.Delete(sut.Log);
        sut.Turn();

        sut.Reload();
        sut.Withhold();
        sut.Find();
        sut.Stop();
        Assert.Single(sut.Copies);
        sut.Find();

        Assert.Equal(303, sut.Entries.Count);
        Assert.StartsWith("last ", sut.Lines.Last(), StringComparison.Ordinal);
        AssertNothingLost(sut);
    }

    [Fact]
    public void FirstStart_StartAtEndOfFileWithHole_ReadsOnlyNewLines()
    {
        using var sut = new TailingFixture(new TailerOptions { StartAt = new StartAt(StartMode.End) }, isInitial: true, hasHeaders: false);
        WriteAfterHole(sut.Log, 3L * 1024 * 1024 * 1024, "before\n");
        sut.Find();
        File.AppendAllText(sut.Log, "behind\n");
        sut.Turn();

        Assert.Equal(["behind"], sut.Lines);
    }

    private static FileStream OpenInPlace(string path) =>
        new(path, FileMode.OpenOrCreate, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);

    private static void Write(FileStream writer, List<string> expected, int lines)
    {
        var text = new StringBuilder();
        for (int i = 0; i < lines; i++)
        {
            string line = $"line {expected.Count} of a log that is not appended to";
            expected.Add(line);
            text.Append(line).Append('\n');
        }

        writer.Write(Encoding.UTF8.GetBytes(text.ToString()));
    }

    private static void Rotate(string path, bool hasCopies, bool isGzip)
    {
        string suffix = isGzip ? ".gz" : "";
        for (int i = 9; hasCopies && i > 0; i--)
        {
            if (File.Exists($"{path}.{i}{suffix}"))
            {
                File.Move($"{path}.{i}{suffix}", $"{path}.{i + 1}{suffix}");
            }
        }

        if (hasCopies)
        {
            File.Copy(path, path + ".1");
        }

        Truncate(path);
        if (isGzip)
        {
            Compress(path + ".1");
        }
    }

    private static void AssertNothingLost(TailingFixture sut)
    {
        Assert.Empty(sut.Notices);
        Assert.All(LossReasons.All, reason => Assert.Equal(0, sut.Metrics.LostBytes.Get(reason)));
    }
}
