using System.IO.Compression;
using System.Text;

namespace Shipper.Core.Tests.Tailing.Behaviour;

/// <summary>Gzip files that are not exactly one complete member.</summary>
public class GzipTests : LogFileFixture
{
    private const int LineCount = 20_000;

    [Theory]
    [InlineData(0.5)]
    [InlineData(0.999)]
    [InlineData(0.01)]
    public void Read_GzipCutOff_SendsReadableLinesAndCountsRest(double part)
    {
        using var sut = new TailingFixture();
        byte[] compressed = Compress(Content(LineCount));
        string rotated = sut.Log + ".20261123-012803.gz";
        File.WriteAllBytes(rotated, compressed[..(int)(compressed.Length * part)]);
        File.SetLastWriteTimeUtc(rotated, sut.Time.GetUtcNow().UtcDateTime.AddHours(-1));
        Append(sut.Log, 3);

        sut.Find();

        string[] lines = [.. sut.Lines];
        Assert.Equal(["line 0", "line 1", "line 2"], lines.TakeLast(3));
        AssertBeginning(lines[..^3], (int)(LineCount * part * 0.9));
        Assert.InRange(sut.Metrics.LostBytes.Get("damaged_gzip"), 1, 1000);
        Assert.Equal(1, sut.Metrics.FileErrors.Get("damaged_gzip"));
        Assert.Contains(sut.Messages.Messages, message => message.Contains("it ends in the middle", StringComparison.Ordinal));
        Assert.Contains("damaged or truncated", Assert.Single(sut.Notices).Line, StringComparison.Ordinal);

        long lost = sut.Metrics.LostBytes.Get("damaged_gzip");
        for (int i = 0; i < 2; i++)
        {
            sut.Time.Advance(TimeSpan.FromSeconds(10));
            sut.Turn();
            sut.Restart();
            sut.Find();
        }

        Assert.Equal(lost, sut.Metrics.LostBytes.Get("damaged_gzip"));
        Assert.Equal(lines.Length, sut.Entries.Count);
        Assert.Single(sut.Notices);
    }

    /// <summary>The agent has seen the file before it was compressed, so it knows its size.</summary>
    [Fact]
    public void Read_GzipOfKnownFileCutOff_CountsMissingBytes()
    {
        using var sut = new TailingFixture(batchBytes: 1000);
        string content = Content(LineCount);
        File.WriteAllText(sut.Log, content);
        sut.Withhold();
        sut.Find();
        sut.Time.Advance(TimeSpan.FromSeconds(11));
        sut.Turn();
        sut.Restart();
        byte[] compressed = Compress(content);
        File.Delete(sut.Log);
        string rotated = sut.Log + ".20261123-012803.gz";
        File.WriteAllBytes(rotated, compressed[..(compressed.Length / 2)]);
        File.SetLastWriteTimeUtc(rotated, sut.Time.GetUtcNow().UtcDateTime.AddHours(-1));
        Append(sut.Log, 1);

        sut.Find();

        int half = Decompress(compressed[..(compressed.Length / 2)]).Length;
        Assert.Equal(content.Length - half, sut.Metrics.LostBytes.Get("damaged_gzip"));
    }

    [Fact]
    public void Read_GzipDamagedInMiddle_SendsLinesBeforeDamage()
    {
        using var sut = new TailingFixture();
        byte[] compressed = Compress(Content(LineCount));
        int damaged = compressed.Length / 2;
        compressed.AsSpan(damaged, 1000).Fill(0xFF);
        string rotated = sut.Log + ".20261123-012803.gz";
        File.WriteAllBytes(rotated, compressed);
        File.SetLastWriteTimeUtc(rotated, sut.Time.GetUtcNow().UtcDateTime.AddHours(-1));

        sut.Find();

        // The damage is noticed some bytes later, when decoding fails, or only at the end, by the checksum. Lines decoded until then are sent, too.
        AssertBeginning([.. sut.Lines.Take((int)(LineCount * 0.49))], (int)(LineCount * 0.49));
        Assert.InRange(sut.Metrics.LostBytes.Get("damaged_gzip"), 1, Content(LineCount).Length);
        Assert.Single(sut.Notices);
    }

    [Theory]
    [InlineData("two")]
    [InlineData("padded")]
    [InlineData("padded between")]
    [InlineData("empty member")]
    [InlineData("many")]
    [InlineData("header")]
    [InlineData("stored")]
    public void Read_ValidGzipOfAnyShape_SendsAllLinesWithoutError(string kind)
    {
        using var sut = new TailingFixture();
        byte[] a = Compress(Content(LineCount / 2));
        byte[] b = Compress(Content(LineCount, LineCount / 2));
        byte[] empty = [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0];
        byte[] content = kind switch
        {
            "padded" => [.. a, .. b, .. new byte[70_000]],
            "padded between" => [.. a, .. new byte[512], .. b, 0],
            "empty member" => [.. empty, .. a, .. empty, .. b, .. empty],
            "many" => [.. Enumerable.Range(0, LineCount).SelectMany(i => Compress(Content(i + 1, i)))],
            "header" => [0x1F, 0x8B, 8, 0x1F, .. a[4..10], 3, 0, 1, 2, 3, .. "name\0"u8, .. new byte[300].Select(_ => (byte)'c'), 0, 9, 9, .. a[10..], .. b],
            "stored" => Compress(Content(LineCount), CompressionLevel.NoCompression),
            _ => [.. a, .. b],
        };
        File.WriteAllBytes(sut.Log + ".20261123-012803.gz", content);

        sut.Find();
        sut.Time.Advance(TimeSpan.FromSeconds(40));
        sut.Turn();

        Assert.Equal(Enumerable.Range(0, LineCount).Select(i => $"text {i}"), sut.Lines);
        Assert.Equal(0, sut.Metrics.FileErrors.Get("damaged_gzip"));
        Assert.Equal(0, sut.Metrics.LostBytes.Get("damaged_gzip"));
        Assert.Equal(0, sut.Status.LagBytes);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Restart_KilledBetweenBatchesOfGzip_ResumesInPlace(bool isSecondCut)
    {
        using var sut = new TailingFixture(batchBytes: 5000);
        byte[] a = Compress(Content(LineCount / 2));
        byte[] b = Compress(Content(LineCount, LineCount / 2));
        string rotated = sut.Log + ".20261123-012803.gz";
        File.WriteAllBytes(rotated, [.. a, .. isSecondCut ? b[..(b.Length / 2)] : b]);
        File.SetLastWriteTimeUtc(rotated, sut.Time.GetUtcNow().UtcDateTime.AddHours(-1));
        for (int i = 0; i < 20; i++)
        {
            sut.Withhold();
            sut.Find();
            sut.Answer();
            sut.TurnOnce();
            sut.Restart();
        }

        sut.Find();

        AssertBeginning([.. sut.Lines.SkipLast(isSecondCut ? 1 : 0)], isSecondCut ? LineCount * 7 / 10 : LineCount);
        Assert.Equal(isSecondCut, sut.Metrics.LostBytes.Get("damaged_gzip") > 0);
    }

    [Fact]
    public void Read_PlainFileNamedGz_ReadsItAsPlain()
    {
        using var sut = new TailingFixture();
        File.WriteAllText(sut.Log + ".20261123-012803.gz", Content(100));
        Append(sut.Log, 1);

        sut.Find();
        sut.Restart();
        sut.Find();

        Assert.Equal([.. Enumerable.Range(0, 100).Select(i => $"text {i}"), "line 0"], sut.Lines);
        Assert.Equal(0, sut.Metrics.FileErrors.Get("damaged_gzip"));
    }

    [Fact]
    public void Read_GzipNotNamedGz_ReadsItAsGzip()
    {
        using var sut = new TailingFixture();
        File.WriteAllBytes(sut.Log + ".1", Compress(Content(100)));
        Append(sut.Log, 1);

        sut.Find();
        sut.Restart();
        sut.Find();

        Assert.Equal([.. Enumerable.Range(0, 100).Select(i => $"text {i}"), "line 0"], sut.Lines);
    }

    /// <summary>Somebody runs gzip -c with the final name as its output, so the agent sees the file grow.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Read_GzipStillBeingWritten_ReadsToEnd(bool isKilled)
    {
        using var sut = new TailingFixture();
        byte[] compressed = Compress(Content(LineCount));
        string rotated = sut.Log + ".20261123-012803.gz";
        Append(sut.Log, 1);
        File.WriteAllBytes(rotated, []);
        sut.Find();
        foreach (int length in (int[])[1, 2, 5, 10, 11, 200, compressed.Length / 3, compressed.Length / 2, compressed.Length - 9, compressed.Length - 3, compressed.Length])
        {
            File.WriteAllBytes(sut["part"], compressed[..length]);
            using (FileStream file = File.Open(rotated, FileMode.Open, FileAccess.Write, FileShare.ReadWrite))
            {
                file.Write(compressed.AsSpan(0, length));
            }

            File.SetLastWriteTimeUtc(rotated, sut.Time.GetUtcNow().UtcDateTime);
            sut.Time.Advance(TimeSpan.FromSeconds(3));
            sut.TurnWithoutEvent();
            if (isKilled)
            {
                sut.Restart();
                sut.Find();
            }
        }

        sut.Turn();

        Assert.Equal(LineCount + 1, sut.Entries.Count);
        Assert.Equal(Enumerable.Range(0, LineCount).Select(i => $"text {i}"), sut.Lines.Where(line => line[0] == 't'));
        Assert.Equal(0, sut.Metrics.LostBytes.Get("damaged_gzip"));
        Assert.Equal(0, sut.Metrics.FileErrors.Get("damaged_gzip"));
    }

    /// <summary>Half a minute after its last byte the file counts as cut off, even if the clock that set its modification time is ahead.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(10)]
    public void Read_GzipStopsGrowing_TreatsItAsCutOffAndReadsNextFile(int secondsAhead)
    {
        using var sut = new TailingFixture();
        byte[] compressed = Compress(Content(LineCount));
        string rotated = sut.Log + ".20261123-012803.gz";
        File.WriteAllBytes(rotated, compressed[..(compressed.Length / 2)]);
        File.SetLastWriteTimeUtc(rotated, sut.Time.GetUtcNow().UtcDateTime.AddSeconds(secondsAhead));
        Append(sut.Log, 1);
        sut.Find();
        Assert.DoesNotContain("line 0", sut.Lines);
        Assert.Equal(0, sut.Metrics.LostBytes.Get("damaged_gzip"));

        sut.Time.Advance(TimeSpan.FromSeconds(20));
        Append(sut.Log, 1);
        sut.Turn();
        sut.Time.Advance(TimeSpan.FromSeconds(20));
        sut.Turn();

        Assert.Equal(["line 0", "line 1"], sut.Lines.TakeLast(2));
        Assert.InRange(sut.Metrics.LostBytes.Get("damaged_gzip"), 1, 1000);
    }

    [Theory]
    [InlineData(new byte[] { 0x28, 0xB5, 0x2F, 0xFD })] // zstd
    [InlineData(new byte[] { 0xFD, 0x37, 0x7A, 0x58, 0x5A, 0 })] // xz
    [InlineData(new byte[] { 0x42, 0x5A, 0x68, 0x39, 0x31, 0x41, 0x59, 0x26, 0x53, 0x59 })] // bzip2
    [InlineData(new byte[] { 0x04, 0x22, 0x4D, 0x18 })] // lz4
    public void Read_OtherCompression_SkipsFileAndLogsOnce(byte[] magic)
    {
        using var sut = new TailingFixture();
        File.WriteAllBytes(sut.Log + ".1", [.. magic, .. Encoding.ASCII.GetBytes(new string('x', 1000))]);
        Append(sut.Log, 1);
        sut.Find();
        for (int i = 0; i < 3; i++)
        {
            sut.Turn();
        }

        Assert.Equal(["line 0"], sut.Lines);
        Assert.Equal(1, sut.Metrics.FileErrors.Get("compressed"));
        Assert.Single(sut.Messages.Messages, message => message.Contains("only gzip can be decompressed", StringComparison.Ordinal));
    }

    private static string Content(int lines, int first = 0)
    {
        var text = new StringBuilder();
        for (int i = first; i < lines; i++)
        {
            text.Append(System.Globalization.CultureInfo.InvariantCulture, $"2026-11-23T01:20:26.{i:D9}Z stdout F text {i}\n");
        }

        return text.ToString();
    }

    private static byte[] Compress(string content, CompressionLevel level = CompressionLevel.Optimal)
    {
        using var compressed = new MemoryStream();
        using (var gzip = new GZipStream(compressed, level))
        {
            gzip.Write(Encoding.UTF8.GetBytes(content));
        }

        return compressed.ToArray();
    }

    private static byte[] Decompress(byte[] compressed)
    {
        using var gzip = new GZipStream(new MemoryStream(compressed), CompressionMode.Decompress);
        using var content = new MemoryStream();
        gzip.CopyTo(content);
        return content.ToArray();
    }

    private static void AssertBeginning(string[] lines, int minimum)
    {
        Assert.InRange(lines.Length, minimum, LineCount);
        Assert.Equal(Enumerable.Range(0, lines.Length - 1).Select(i => $"text {i}"), lines.SkipLast(1));
    }
}
