using System.Text;
using Shipper.Discovery;
using Shipper.Telemetry;

namespace Shipper.Core.Tests.Tailing.Behaviour;

/// <summary>Log files that are not plain UTF-8 with newlines.</summary>
public class EncodingTests : LogFileFixture
{
    private const string Text = "first\r\nzwei äöü\n\r\n漢字 😀\r\nlast\r\n";
    private static readonly string[] Lines = ["first", "zwei äöü", "", "漢字 😀", "last"];

    public static TheoryData<string> Encodings => ["utf-8", "utf-16", "utf-16BE"];

    [Theory]
    [MemberData(nameof(Encodings))]
    public void Read_WrittenInTwoPieces_SendsSameLines(string name)
    {
        byte[] content = Encode(name, Text);
        for (int cut = 1; cut < content.Length; cut++)
        {
            using var sut = new TailingFixture(hasHeaders: false);
            File.WriteAllBytes(sut.Log, content[..cut]);
            sut.Find();
            sut.Restart();
            sut.Find();
            Append(sut.Log, content[cut..]);
            sut.Turn();

            Assert.Equal(Lines, sut.Lines);
            Assert.Equal(content.Length, sut.Ledger.Acknowledged);
        }
    }

    [Theory]
    [MemberData(nameof(Encodings))]
    public void Read_LinesLongerThanBuffer_KeepsCharactersWhole(string name)
    {
        using var sut = new TailingFixture(new TailerOptions { MaxLineBytes = 1024 * 1024 }, hasHeaders: false);
        string[] lines = [new('ä', 200_001), "x" + string.Concat(Enumerable.Repeat("😀", 100_000)), new string('\r', 300_000) + "x", "short"];
        File.WriteAllBytes(sut.Log, Encode(name, string.Join("\r\n", lines) + "\r\n"));

        sut.Find();

        Assert.Equal(lines, sut.Lines);
    }

    [Theory]
    [MemberData(nameof(Encodings))]
    public void Read_RotatedAndCompressed_DecodesEachFile(string name)
    {
        using var sut = new TailingFixture(hasHeaders: false);
        string rotated = sut.Log + ".20261123-012803";
        File.WriteAllBytes(rotated, Encode(name, "one\r\ntwo\r\nthr"));
        Compress(rotated);
        File.WriteAllBytes(sut.Log, Encode(name, "four\r\n"));
        sut.Find();
        Assert.Equal(["one", "two", "thr", "four"], sut.Lines);

        File.Move(sut.Log, sut.Log + ".20261124-012803");
        File.WriteAllBytes(sut.Log, Encode(name, "five\r\n"));
        sut.Turn();

        Assert.Equal(["one", "two", "thr", "four", "five"], sut.Lines);
    }

    [Theory]
    [MemberData(nameof(Encodings))]
    public void Truncate_NewContentInUtf16_DecodesIt(string name)
    {
        using var sut = new TailingFixture(hasHeaders: false);
        File.WriteAllBytes(sut.Log, Encode(name, "one\r\ntwo\r\n"));
        sut.Find();
        Truncate(sut.Log);
        sut.Turn();
        Append(sut.Log, Encode("utf-16", "three\r\n"));
        sut.Turn();

        Assert.Equal(["one", "two", "three"], sut.Lines);
    }

    [Theory]
    [MemberData(nameof(Encodings))]
    public void FirstStart_StartAtEnd_BeginsAfterLastWholeLine(string name)
    {
        using var sut = new TailingFixture(new TailerOptions { StartAt = new StartAt(StartMode.End) }, isInitial: true, hasHeaders: false);
        byte[] content = Encode(name, "one ਊ\r\ntw");
        File.WriteAllBytes(sut.Log, content);
        sut.Find();
        Append(sut.Log, Encode(name, "o\r\n")[(name == "utf-8" ? 3 : 2)..]);
        sut.Turn();

        Assert.Equal(["two"], sut.Lines);
    }

    [Fact]
    public void Read_HalfCharacterAtEnd_ReplacesItAfterHalfAMinute()
    {
        using var sut = new TailingFixture(hasHeaders: false);
        byte[] content = Encode("utf-16", "one\r\ntwo😀");
        File.WriteAllBytes(sut.Log, content[..^1]);
        sut.Find();
        sut.Time.Advance(TimeSpan.FromSeconds(31));
        sut.Turn();
        Assert.Equal(["one", "two\uFFFD"], sut.Lines);

        Append(sut.Log, [content[^1], .. Encode("utf-16", "\r\nthree\r\n")[2..]]);
        sut.Turn();

        Assert.Equal(["one", "two\uFFFD", "\uFFFD", "three"], sut.Lines);
    }

    [Fact]
    public void Read_LoneSurrogates_ReplacesThem()
    {
        using var sut = new TailingFixture(hasHeaders: false);
        File.WriteAllBytes(sut.Log, [0xFF, 0xFE, 0x3D, 0xD8, (byte)'a', 0, 0x00, 0xDE, (byte)'\n', 0, 0x3D, 0xD8, (byte)'\n', 0]);

        sut.Find();

        Assert.Equal(["\uFFFDa\uFFFD", "\uFFFD"], sut.Lines);
    }

    [Theory]
    [InlineData("utf-16")]
    [InlineData("utf-16BE")]
    public void Read_CharactersContainNewlineByte_DoesNotSplitLine(string name)
    {
        using var sut = new TailingFixture(hasHeaders: false);
        string line = "\u0A00\u000B\u0A0A\u0A41\u0100\u0001";
        File.WriteAllBytes(sut.Log, Encode(name, $"{line}\n{line}\n"));

        sut.Find();

        Assert.Equal([line, line], sut.Lines);
    }

    [Theory]
    [MemberData(nameof(Encodings))]
    public void Read_ByteOrderMarkBeforeLaterLine_SkipsIt(string name)
    {
        using var sut = new TailingFixture(hasHeaders: false);
        File.WriteAllBytes(sut.Log, [.. Encode(name, "one\n"), .. Encode(name, "two\nwith \uFEFF inside\n")]);

        sut.Find();

        Assert.Equal(["one", "two", "with \uFEFF inside"], sut.Lines);
    }

    [Theory]
    [MemberData(nameof(Encodings))]
    public void Read_ByteOrderMarkOnly_SendsNoRecord(string name)
    {
        using var sut = new TailingFixture(hasHeaders: false);
        File.WriteAllBytes(sut.Log, Encode(name, ""));
        sut.Find();
        sut.Time.Advance(TimeSpan.FromSeconds(31));
        sut.Turn();
        Assert.Empty(sut.Entries);

        Append(sut.Log, Encode(name, "one\n")[Encode(name, "").Length..]);
        sut.Turn();

        Assert.Equal(["one"], sut.Lines);
    }

    [Theory]
    [MemberData(nameof(Encodings))]
    public void Read_NulsAfterByteOrderMark_SkipsThem(string name)
    {
        using var sut = new TailingFixture(hasHeaders: false);
        byte[] content = Encode(name, "one\n");
        int mark = Encode(name, "").Length;
        foreach (int nuls in (int[])[4, 4096, 300_000])
        {
            Append(sut.Log, [.. content[..mark], .. new byte[nuls], .. content[mark..]]);
        }

        sut.Find();

        Assert.Equal(["one", "one", "one"], sut.Lines);
        Assert.Equal(4 + 4096 + 300_000, sut.Metrics.NulBytes.Get("file"));
    }

    [Fact]
    public void Read_Utf16WithoutByteOrderMark_LogsOnce()
    {
        using var sut = new TailingFixture(hasHeaders: false);
        File.WriteAllBytes(sut.Log, Encoding.Unicode.GetBytes("first line\nsecond line\n"));
        sut.Find();
        Append(sut.Log, Encoding.Unicode.GetBytes("third line\n"));
        sut.Turn();

        Assert.Equal("f\0i\0r\0s\0t\0 \0l\0i\0n\0e\0", sut.Lines.First());
        Assert.Equal(3, sut.Entries.Count);
        Assert.Single(sut.Messages.Messages, message => message.Contains("no byte order mark", StringComparison.Ordinal));
        Assert.All(LossReasons.All, reason => Assert.Equal(0, sut.Metrics.LostBytes.Get(reason)));
    }

    /// <summary>Text that a container printed is sent unchanged.</summary>
    [Fact]
    public void Read_ContainerLine_KeepsByteOrderMarkAndCarriageReturn()
    {
        using var sut = new TailingFixture();
        File.WriteAllText(sut.Log, "2026-11-23T01:21:26.1Z stdout F \uFEFFtext\r\n", new UTF8Encoding(false));

        sut.Find();

        Assert.Equal(["\uFEFFtext\r"], sut.Lines);
    }

    private static byte[] Encode(string name, string text)
    {
        Encoding encoding = name == "utf-8" ? new UTF8Encoding(true) : Encoding.GetEncoding(name);
        return [.. encoding.GetPreamble(), .. encoding.GetBytes(text)];
    }

    private static void Append(string path, byte[] content)
    {
        using FileStream file = OpenAsWriter(path);
        file.Write(content);
    }
}
