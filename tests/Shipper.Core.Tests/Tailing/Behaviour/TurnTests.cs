using System.Globalization;
using System.IO.Compression;
using System.Text;

namespace Shipper.Core.Tests.Tailing.Behaviour;

/// <summary>No file keeps the others of its lane waiting, and no file is re-read endlessly because of that.</summary>
public class TurnTests
{
    private const int MiB = 1024 * 1024;
    private const string T = "2026-11-23T01:21:26.";

    /// <summary>At the end of each buffer a line of stdout is unfinished.</summary>
    [Fact]
    public void Turn_PartialLinesThroughout_ReadsOtherStreamInBetween()
    {
        using var sut = new TailingFixture();
        var expected = new List<string>();
        File.WriteAllText(sut.Log, WriteParts(12 * MiB, expected));
        File.WriteAllText(sut.LogOf("other"), $"{T}1Z stdout F other\n");

        Find(sut, "other");

        AssertInOrder(expected, sut);
        AssertIsBetween(sut, megabytes: 7);
        Assert.InRange(sut.Metrics.ReadBytes.Get("container"), 12 * MiB, 3 * 14 * MiB);
    }

    [Fact]
    public void Turn_PartialLinesOnBothOutputs_MakesProgress()
    {
        using var sut = new TailingFixture(batchBytes: 16 * 1024);
        string part = new('x', 8 * 1024);
        var text = new StringBuilder();
        for (int i = 0; i < 900; i++)
        {
            text.Append(CultureInfo.InvariantCulture, $"{T}1Z {(i % 2 == 0 ? "stdout" : "stderr")} P {part}\n");
        }

        File.WriteAllText(sut.Log, text.Append($"{T}2Z stdout F \n{T}2Z stderr F \n{T}3Z stdout F last\n").ToString());

        sut.Find();

        Assert.Equal(3, sut.Entries.Count);
        Assert.Equal("last", sut.Entries[^1].Line);
    }

    [Fact]
    public void Turn_CompressedFiles_ReadsOtherStreamInBetween()
    {
        using var sut = new TailingFixture();
        var expected = new List<string>();
        Compress(sut.Log, WriteLines(12 * MiB, expected));
        Compress(sut.LogOf("other"), $"{T}1Z stdout F other\n");

        Find(sut, "other");

        AssertInOrder(expected, sut);
        AssertIsBetween(sut, megabytes: 7);

        // Nothing else is left to read meanwhile, so the file is decompressed once.
        Assert.InRange(sut.Metrics.ReadBytes.Get("container"), 12 * MiB, 13 * MiB);
    }

    [Fact]
    public void Turn_ManyCompressedFiles_SendsEachLineOnce()
    {
        using var sut = new TailingFixture();
        var expected = new List<string>();
        string content = WriteLines(9 * MiB, expected);
        Compress(sut.Log, content);
        string[] others = ["b", "c"];
        Array.ForEach(others, other => Compress(sut.LogOf(other), content));

        Find(sut, others);

        AssertInOrder(expected, sut);
        Assert.Equal(expected.Count * 3, sut.Requests.Sum(request => request.Streams.Sum(stream => stream.Entries.Count)));
        Assert.InRange(sut.Requests.ToList().FindLastIndex(request => request.Streams.Any(stream => stream.Labels.Contains("\"pod\"", StringComparison.Ordinal))), 18, 27);
    }

    /// <summary>Finds all logs before Loki responds.</summary>
    private static void Find(TailingFixture sut, params string[] others)
    {
        sut.Withhold();
        sut.Find();
        Array.ForEach(others, sut.Find);
        sut.Answer();
        sut.Turn();
    }

    private static void AssertInOrder(List<string> expected, TailingFixture sut)
    {
        Assert.Equal(expected.Count, sut.Entries.Count);
        Assert.True(expected.SequenceEqual(sut.Lines));
    }

    /// <summary>Batches have 1 MiB: the other stream must be in one of the first, not after the whole of this file.</summary>
    private static void AssertIsBetween(TailingFixture sut, int megabytes) => Assert.InRange(
        sut.Requests.ToList().FindIndex(request => request.Streams.Any(stream => stream.Labels.Contains("other", StringComparison.Ordinal))), 0, megabytes);

    private static string WriteLines(int bytes, List<string> expected)
    {
        var text = new StringBuilder();
        while (text.Length < bytes)
        {
            string line = $"line {expected.Count} {new string('.', 900)}";
            expected.Add(line);
            text.Append(CultureInfo.InvariantCulture, $"{T}{expected.Count:D6}Z stdout F {line}\n");
        }

        return text.ToString();
    }

    /// <summary>Each line of stdout has 200 parts among 1.8 MB of stderr, so that a line is nearly always unfinished.</summary>
    private static string WriteParts(int bytes, List<string> expected)
    {
        var text = new StringBuilder();
        string filling = new('.', 9_000);
        for (int i = 0; text.Length < bytes || i % 200 > 0; i++)
        {
            text.Append(CultureInfo.InvariantCulture, $"{T}{i:D6}1Z stdout {(i % 200 == 199 ? 'F' : 'P')} {(i % 200 == 0 ? $"out {i}" : "+")}\n");
            text.Append(CultureInfo.InvariantCulture, $"{T}{i:D6}2Z stderr F err {i} {filling}\n");
            if (i % 200 == 199)
            {
                expected.Add($"out {i - 199}{new string('+', 199)}");
            }

            expected.Add($"err {i} {filling}");
        }

        return text.ToString();
    }

    private static void Compress(string log, string content)
    {
        File.WriteAllText(log, "");
        using FileStream file = File.Create(log + ".20261123-012803.gz");
        using var gzip = new GZipStream(file, CompressionLevel.Fastest);
        gzip.Write(Encoding.UTF8.GetBytes(content));
    }
}
