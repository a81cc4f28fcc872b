using Shipper.Processing;

namespace Shipper.Core.Tests.Fuzzing.Targets;

/// <summary>
/// A whole log file. It may be written at once or in pieces, read in one turn or interrupted after any record, and compressed or not: its records are always
/// those of <see cref="SimpleReader"/>. If lines are joined to groups, the groups are the same, too.
/// </summary>
internal sealed class LogFileTarget : FuzzTarget, IDisposable
{
    private readonly LogFile _file = new();

    public override string Name => "log-file";

    public override IEnumerable<byte[]> Seeds => RecordedLines.Files;

    public override IReadOnlyList<byte[]> Words { get; } =
    [
        "\n"u8.ToArray(), "\r\n"u8.ToArray(), "2026-11-23T01:21:26.1Z stdout F "u8.ToArray(), "2026-11-23T01:21:26.2Z stderr F "u8.ToArray(),
        "2026-11-23T01:21:26.3Z stdout P part\n"u8.ToArray(), "2026-11-23T01:21:26.4Z stderr P part\n"u8.ToArray(), "2026-11-23T01:21:57Z stdout F late\n"u8.ToArray(),
        "{\"log\":\"a\\n\",\"stream\":\"stdout\",\"time\":\"2026-11-23T01:21:26.5Z\"}\n"u8.ToArray(), "{\"log\":\"a\",\"stream\":\"stderr\",\"time\":\"2026-11-23T01:21:26.6Z\"}\n"u8.ToArray(),
        "no header\n"u8.ToArray(), "0123456789abcdef"u8.ToArray(), "ä€😀"u8.ToArray(), [0xF0, 0x9F], [0xFF], [0], new byte[20], new byte[300], new byte[700],
        "{\"log\":\"torn"u8.ToArray(), "\0\02026-11-23T01:21:26.7Z stdout F behind\n"u8.ToArray(), "2026-11-23T01:21:26.8Z std"u8.ToArray(),
    ];

    public override string Check(byte[] input)
    {
        if (input.Length == 0)
        {
            return "empty";
        }

        Random random = RandomOf(input);
        LongLineAction longLines = random.Next(4) == 0 ? LongLineAction.Skip : LongLineAction.Truncate;
        List<ReadRecord> expected = new SimpleReader(LogFile.MaxLineBytes, LogFile.BufferBytes, LogFile.FirstNs, longLines == LongLineAction.Skip).Read(input);

        Assert.Equal(expected, _file.Read([input], isGzip: false, longLines, () => false));
        Assert.Equal(expected, _file.Read(Split(input, random), isGzip: false, longLines, () => random.Next(3) == 0));
        if (random.Next(8) == 0)
        {
            Assert.Equal(expected, _file.Read([GzipTarget.Compress(input)], isGzip: true, longLines, () => random.Next(3) == 0));
            Assert.False(_file.IsDamaged);
        }

        List<ReadRecord> groups = _file.Read([input], isGzip: false, longLines, () => false, rules: AnyGroups.Rules);
        Assert.Equal(groups, _file.Read(Split(input, random), isGzip: false, longLines, () => random.Next(3) == 0, rules: AnyGroups.Rules));
        if (longLines == LongLineAction.Truncate)
        {
            AssertSameLines(expected, groups);
        }

        return string.Join(' ', expected.Take(8).Select(record => $"{record.Output[3]}{(record.TruncatedBytes > 0 ? "t" : "")}{(record.TimestampNs == LogFile.FirstNs ? "n" : "")}{record.Line.Contains('\uFFFD', StringComparison.Ordinal)}"))
            + Magnitude(expected.Count) + Magnitude(groups.Count(record => record.Line.Contains('\n', StringComparison.Ordinal))) + longLines + (input.AsSpan().IndexOf((byte)'\n') > LogFile.BufferBytes);
    }

    public void Dispose() => _file.Dispose();

    /// <summary>Groups have the lines of each output in their order, unless some were too long.</summary>
    private static void AssertSameLines(List<ReadRecord> lines, List<ReadRecord> groups)
    {
        if (lines.Concat(groups).Any(record => record.TruncatedBytes > 0))
        {
            return;
        }

        foreach (string output in (string[])["stdout", "stderr"])
        {
            Assert.Equal(Join(lines), Join(groups));
            string Join(List<ReadRecord> records) => string.Join('\n', records.Where(record => record.Output == output).Select(record => record.Line));
        }
    }

    public static List<byte[]> Split(byte[] input, Random random)
    {
        int[] cuts = [.. Enumerable.Range(0, random.Next(1, 5)).Select(_ => random.Next(1, input.Length + 1)).Order()];
        var pieces = new List<byte[]>();
        int start = 0;
        foreach (int cut in cuts.Append(input.Length).Distinct())
        {
            pieces.Add(input[start..cut]);
            start = cut;
        }

        return pieces;
    }
}
