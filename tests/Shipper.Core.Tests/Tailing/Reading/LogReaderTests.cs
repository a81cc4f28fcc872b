using System.Globalization;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Win32.SafeHandles;
using Shipper.Checkpoints;
using Shipper.Content;
using Shipper.Core.Tests.Support;
using Shipper.Discovery;
using Shipper.Discovery.Rotation;
using Shipper.Native;
using Shipper.Processing;
using Shipper.Tailing.Losses;
using Shipper.Tailing.Reading;
using Shipper.Tailing.Streams;
using Shipper.Telemetry;

namespace Shipper.Core.Tests.Tailing.Reading;

public class LogReaderTests
{
    private const string T = "2026-11-23T01:21:26.";

    public static TheoryData<string> RecordedFiles() =>
        [.. Directory.EnumerateFiles(Recordings.Node, "*.log").Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal)];

    /// <summary>Compares files recorded from containerd with what the simplest possible reader makes of them.</summary>
    [Theory]
    [MemberData(nameof(RecordedFiles))]
    public void Read_RecordedFile_DeliversEveryLineInOrder(string name)
    {
        using var sut = new TailingFixture();
        byte[] content = File.ReadAllBytes(Path.Combine(Recordings.Node, name));
        File.WriteAllBytes(sut.Log, content);
        sut.Find();
        File.Delete(sut.Log);
        sut.Unlink();
        sut.Turn();

        Assert.Equal(ReadSimply(content), sut.Lines);
    }

    [Fact]
    public void Read_InterleavedPartsOfBothOutputs_JoinsEachOutput()
    {
        using var sut = new TailingFixture();
        File.WriteAllText(sut.Log, $"{T}1Z stdout P out-\n{T}2Z stderr P err-\n{T}3Z stdout P put\n{T}4Z stderr F or\n{T}5Z stdout F !\n");

        sut.Find();

        Assert.Equal(["err-or", "out-put!"], sut.Lines);
        Assert.Equal([200_000_000, 100_000_000], sut.Entries.Select(entry => entry.Timestamp.Nanos));
        Assert.Equal(["stderr", "stdout"], sut.Entries.Select(entry => entry.StructuredMetadata[0].Value));
    }

    [Fact]
    public void Read_LineWithoutEnd_SendsItAfterHalfAMinute()
    {
        using var sut = new TailingFixture();
        File.WriteAllText(sut.Log, $"{T}1Z stdout F before\n{T}2Z stdout P prompt: \n");
        sut.Find();
        Assert.Equal(["before"], sut.Lines);

        sut.Time.Advance(TimeSpan.FromSeconds(31));
        sut.Turn();
        Assert.Equal(["before", "prompt: "], sut.Lines);

        File.AppendAllText(sut.Log, $"{T}3Z stdout F answer\n");
        sut.Turn();
        Assert.Equal(["before", "prompt: ", "answer"], sut.Lines);
    }

    [Fact]
    public void Read_PartFollowedByMuchOtherOutput_SendsItUnfinished()
    {
        using var sut = new TailingFixture();
        var text = new StringBuilder($"{T}1Z stdout P open\n");
        string line = new('e', 16_000);
        for (int i = 0; i < 300; i++)
        {
            text.Append(CultureInfo.InvariantCulture, $"{T}2Z stderr F {line}\n");
        }

        File.WriteAllText(sut.Log, text.ToString());
        sut.Find();

        Assert.Equal(301, sut.Entries.Count);
        Assert.Equal("open", Assert.Single(sut.Lines, text => text.Length < 100));
    }

    [Fact]
    public void Read_LineOfManyParts_TruncatesItOnce()
    {
        using var sut = new TailingFixture();
        var text = new StringBuilder();
        string part = new('x', 16_384);
        for (int i = 0; i < 319; i++)
        {
            text.Append(CultureInfo.InvariantCulture, $"{T}{i:D3}Z stdout P {part}\n");
        }

        text.Append($"{T}999Z stdout F end\n{T}9999Z stdout F next\n");
        File.WriteAllText(sut.Log, text.ToString());
        sut.Find();

        Assert.Equal(2, sut.Entries.Count);
        Assert.Equal(262_144, Encoding.UTF8.GetByteCount(sut.Entries[0].Line));
        long missing = (319 * 16_384) + 3 - sut.Entries[0].Line.IndexOf('…', StringComparison.Ordinal);
        Assert.EndsWith($"…[truncated {missing} bytes]", sut.Entries[0].Line, StringComparison.Ordinal);
        Assert.Equal(missing.ToString(CultureInfo.InvariantCulture), sut.Entries[0].StructuredMetadata.Single(pair => pair.Name == "truncated_bytes").Value);
        Assert.Equal("next", sut.Entries[1].Line);
        Assert.Equal(1, sut.Metrics.TruncatedRecords.Get());
    }

    [Fact]
    public void Read_LongLinesSkipped_CountsThem()
    {
        using var sut = new TailingFixture(new TailerOptions { MaxLineBytes = 300, LongLines = LongLineAction.Skip });
        File.WriteAllText(sut.Log, $"{T}1Z stdout F a\n{T}2Z stdout F {new string('x', 301)}\n{T}3Z stdout F {new string('y', 300)}\n");

        sut.Find();

        Assert.Equal(["a", new string('y', 300)], sut.Lines);
        Assert.Equal(1, sut.Metrics.DroppedRecords.Get("line_too_long"));
    }

    [Fact]
    public void Read_LineOfManyMegabytes_TruncatesItAndReadsNextLine()
    {
        using var sut = new TailingFixture();
        using (StreamWriter writer = File.CreateText(sut.Log))
        {
            writer.Write($"{T}1Z stdout F before\n{T}2Z stderr F ");
            for (int i = 0; i < 10_000; i++)
            {
                writer.Write("0123456789".PadRight(1000, '.'));
            }

            writer.Write($"\n{T}3Z stdout F after\n");
        }

        sut.Find();

        Assert.Equal(3, sut.Entries.Count);
        Assert.StartsWith("0123456789.", sut.Entries[1].Line, StringComparison.Ordinal);
        Assert.EndsWith(" bytes]", sut.Entries[1].Line, StringComparison.Ordinal);
        Assert.Equal("stderr", sut.Entries[1].StructuredMetadata[0].Value);
        Assert.Equal("after", sut.Entries[2].Line);
    }

    [Fact]
    public void Read_LinesWithoutHeader_SendsThemWithPrecedingTime()
    {
        using var sut = new TailingFixture();
        File.WriteAllText(sut.Log, $"{T}5Z stdout F one\nno header\n\nno header\n{T}6Z stderr F two\r\n");

        sut.Find();

        Assert.Equal(["one", "no header", "", "no header", "two\r"], sut.Lines);
        Assert.Equal([500_000_000, 500_000_001, 500_000_002, 500_000_003, 600_000_000], sut.Entries.Select(entry => entry.Timestamp.Nanos));
    }

    [Fact]
    public void Read_RandomBytes_SendsAllAsTextExceptLeadingNuls()
    {
        using var sut = new TailingFixture();
        var random = new Random(6);
        var content = new byte[3 * 1024 * 1024];
        random.NextBytes(content);
        File.WriteAllBytes(sut.Log, content);

        sut.Find();
        File.Delete(sut.Log);
        sut.Unlink();
        sut.Turn();

        byte[][] lines = [.. content.Split((byte)'\n').Where(line => line.Length == 0 || line.AsSpan().ContainsAnyExcept((byte)0))];
        Assert.Equal(lines.Select(line => Encoding.UTF8.GetString(line.AsSpan().TrimStart((byte)0))), sut.Lines);
        Assert.Equal(0, sut.Metrics.InternalErrors.Get());
    }

    [Trait("Speed", "Slow")]
    [Fact]
    public void Read_WrittenInTwoPieces_SendsSameLines()
    {
        byte[] content = Encoding.UTF8.GetBytes($"{T}1Z stdout P a\n{T}2Z stderr F b\n{T}3Z stdout F c\nno header\n{{\"log\":\"d\\n\",\"stream\":\"stdout\",\"time\":\"{T}4Z\"}}\n");
        for (int cut = 1; cut < content.Length; cut++)
        {
            using var sut = new TailingFixture();
            File.WriteAllBytes(sut.Log, content[..cut]);
            sut.Find();
            using (FileStream file = File.Open(sut.Log, FileMode.Append))
            {
                file.Write(content.AsSpan(cut));
            }

            sut.Turn();

            Assert.Equal(["b", "ac", "no header", "d"], sut.Lines);
        }
    }

    /// <summary>With an incomplete identity a restart would not recognize the file and would read it a second time.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(40)]
    public void Read_BeyondKnownSize_CompletesIdentity(int knownBytes)
    {
        using var directory = new TemporaryDirectory();
        string content = string.Concat(Enumerable.Range(0, 9).Select(number => $"{T}{number}Z stdout F line {number} of nine\n"));
        TailedStream stream = Open(directory["0.log"], content[..knownBytes], out Generation generation);
        File.AppendAllText(directory["0.log"], content[knownBytes..]);
        using CheckpointStore checkpoints = OpenState(directory);
        using LogReader sut = Create(directory, checkpoints);

        // Nothing is read from an empty file, except after an older one, when more bytes are expected.
        generation.Progress.RaiseTo(1);

        int records = ReadAll(sut, stream);

        Assert.Equal(9, records);
        Assert.Equal(content.Length, generation.Size);
        Assert.Equal(FileIdentity.Of(Encoding.UTF8.GetBytes(content)), generation.Identity);
        generation.File.Detach()!.Dispose();
    }

    [Fact]
    public void Read_BeyondKnownSizeOfRewrittenFile_ReadsNothing()
    {
        using var directory = new TemporaryDirectory();
        TailedStream stream = Open(directory["0.log"], $"{T}1Z stdout F before\n", out Generation generation);
        generation.Progress.MoveTo(FilePosition.Both(generation.Size));
        generation.Progress.RaiseTo(generation.Size + 1);
        File.WriteAllText(directory["0.log"], string.Concat(Enumerable.Repeat($"{T}2Z stdout F another content\n", 9)));
        using CheckpointStore checkpoints = OpenState(directory);
        using LogReader sut = Create(directory, checkpoints);

        Assert.Equal(0, ReadAll(sut, stream));

        Assert.False(generation.TryCheck(0));
        generation.File.Detach()!.Dispose();
    }

    [Fact]
    public void IsCurrent_FileClosed_ReturnsFalse()
    {
        using var directory = new TemporaryDirectory();
        TailedStream stream = Open(directory["0.log"], $"{T}1Z stdout F line\n", out Generation generation);
        using CheckpointStore checkpoints = OpenState(directory);
        using LogReader sut = Create(directory, checkpoints);
        Assert.True(sut.Begin(stream, QuietFlush.None, new StageMemory()));
        RecordDraft draft = default;
        Assert.Equal(ReadResult.Record, sut.Read(ref draft));
        Assert.True(sut.IsCurrent);

        generation.Close();

        Assert.False(sut.IsCurrent);
    }

    private static CheckpointStore OpenState(TemporaryDirectory directory)
    {
        Directory.CreateDirectory(directory["state"]);
        return CheckpointStore.Open(directory["state"], NullLogger.Instance, new AgentMetrics());
    }

    private static LogReader Create(TemporaryDirectory directory, CheckpointStore checkpoints)
    {
        TailingServices services = Services.ForTailing(directory["state"], checkpoints, TimeProvider.System, new AgentMetrics());
        return new LogReader(1024, services, new LossRecorder(services));
    }

    private static TailedStream Open(string path, string content, out Generation generation)
    {
        File.WriteAllText(path, content);
        RotatedLog rotatedLog = RotatedLog.FromFile(path, 0);
        Assert.True(rotatedLog.TryParse(Path.GetFileName(path), out GenerationName name));
        Assert.Equal(0, LogFileOpener.Open(path, out SafeFileHandle? handle, out FileStatus status));
        generation = new Generation(rotatedLog, name, new GenerationCheckpoint(1, path));
        generation.Attach(handle!, status, isGzip: false, status.Size);
        generation.ExtendIdentity(Encoding.UTF8.GetBytes(content));
        var stream = new TailedStream(new StreamCheckpoint(1, "ns/pod/main"), Attributes.KindOf(new TailerOptions { MaxLineBytes = 1024 }), Attributes.Of(("pod", "pod")));
        stream.Queue.Add(generation);
        return stream;
    }

    private static int ReadAll(LogReader reader, TailedStream stream)
    {
        Assert.True(reader.Begin(stream, QuietFlush.None, new StageMemory()));
        int records = 0;
        RecordDraft draft = default;
        while (reader.Read(ref draft) == ReadResult.Record)
        {
            records++;
        }

        reader.Save(new FileMark(null!));
        return records;
    }

    /// <summary>Joins the parts of each output, and adds lines that never ended.</summary>
    private static List<string> ReadSimply(byte[] content)
    {
        var records = new List<string>();
        var open = new Dictionary<string, List<byte>>();
        foreach (byte[] line in content.Split((byte)'\n').SkipLast(1))
        {
            // TIMESTAMP OUTPUT TAG CONTENT
            string header = Encoding.Latin1.GetString(line.AsSpan(0, Math.Min(line.Length, 50)));
            string[] parts = header.Split(' ', 4);
            int start = parts[0].Length + parts[1].Length + parts[2].Length + 3;
            if (!open.TryGetValue(parts[1], out List<byte>? joined))
            {
                open[parts[1]] = joined = [];
            }

            joined.AddRange(line.AsSpan(start));
            if (parts[2] == "F")
            {
                records.Add(Encoding.UTF8.GetString([.. joined]));
                open.Remove(parts[1]);
            }
        }

        foreach (string output in (string[])["stdout", "stderr"])
        {
            if (open.TryGetValue(output, out List<byte>? joined))
            {
                records.Add(Encoding.UTF8.GetString([.. joined]));
            }
        }

        return records;
    }
}
