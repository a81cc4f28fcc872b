using System.Text;
using Shipper.Parsing;
using Shipper.Processing;

namespace Shipper.Core.Tests.Fuzzing.Targets;

/// <summary>A log file of plain lines. However it is written and read, its records are the lines that .NET decodes from the whole content.</summary>
internal sealed class PlainFileTarget : FuzzTarget, IDisposable
{
    private readonly LogFile _file = new();
    private readonly LineSanitizer _text = new(LogFile.MaxLineBytes);

    public override string Name => "plain-file";

    public override IEnumerable<byte[]> Seeds =>
        from encoding in (Encoding[])[new UTF8Encoding(true), Encoding.Unicode, Encoding.BigEndianUnicode]
        from text in (string[])["one\r\ntwo\n", "äöü 漢字 😀\r\n\r\nlast", new string('x', 700) + "\r\nend\n"]
        select (byte[])[.. encoding.GetPreamble(), .. encoding.GetBytes(text)];

    public override IReadOnlyList<byte[]> Words { get; } =
    [
        "\n"u8.ToArray(), "\r\n"u8.ToArray(), "\r"u8.ToArray(), "\n\0"u8.ToArray(), "\0\n"u8.ToArray(), "\r\0\n\0"u8.ToArray(), "\0\r\0\n"u8.ToArray(),
        [0xFF, 0xFE], [0xFE, 0xFF], [0xEF, 0xBB, 0xBF], [0x3D, 0xD8], [0x00, 0xDE], [0xD8, 0x3D], [0xDE, 0x00], [0], [0, 0], new byte[20], new byte[300], new byte[700],
        "ä€😀"u8.ToArray(), "0123456789abcdef"u8.ToArray(),
    ];

    public override string Check(byte[] input)
    {
        if (input.Length == 0)
        {
            return "empty";
        }

        Random random = RandomOf(input);
        List<ReadRecord> expected = ReadSimply(input);

        Assert.Equal(expected, _file.Read([input], isGzip: false, LongLineAction.Truncate, () => false, hasHeaders: false));
        Assert.Equal(expected, _file.Read(LogFileTarget.Split(input, random), isGzip: false, LongLineAction.Truncate, () => random.Next(3) == 0, hasHeaders: false));
        if (random.Next(8) == 0)
        {
            Assert.Equal(expected, _file.Read([GzipTarget.Compress(input)], isGzip: true, LongLineAction.Truncate, () => random.Next(3) == 0, hasHeaders: false));
            Assert.False(_file.IsDamaged);
        }

        return string.Join(' ', expected.Take(8).Select(record => $"{record.TruncatedBytes > 0}{record.Line.Length == 0}{record.Line.Contains('\uFFFD', StringComparison.Ordinal)}"))
            + Magnitude(expected.Count) + PlainTextDecoder.Detect(input);
    }

    public void Dispose() => _file.Dispose();

    private List<ReadRecord> ReadSimply(byte[] input)
    {
        Encoding encoding = PlainTextDecoder.Detect(input) switch
        {
            TextEncoding.Utf16LittleEndian => Encoding.Unicode,
            TextEncoding.Utf16BigEndian => Encoding.BigEndianUnicode,
            _ => Encoding.UTF8,
        };
        int unit = encoding == Encoding.UTF8 ? 1 : 2;
        byte[] newline = encoding.GetBytes("\n");
        var records = new List<ReadRecord>();

        // NULs at the end are not content. NULs before a line are skipped, together with the newline if the line contains nothing else.
        int end = input.AsSpan().TrimEnd((byte)0).Length;
        end += end % unit;
        end = Math.Min(end, input.Length);

        for (int start = 0; start < end;)
        {
            if (IsNul(input, start, unit))
            {
                while (IsNul(input, start, unit))
                {
                    start += unit;
                }

                start += input.AsSpan(start, end - start).StartsWith(newline) ? unit : 0;
                continue;
            }

            if (input.AsSpan(start, end - start).StartsWith(encoding.Preamble) && IsNul(input, start + encoding.Preamble.Length, unit))
            {
                start += encoding.Preamble.Length;
                continue;
            }

            int lineEnd = start;
            while (lineEnd < end && !input.AsSpan(lineEnd, end - lineEnd).StartsWith(newline))
            {
                lineEnd += unit;
            }

            bool isEnded = lineEnd < end;
            lineEnd = Math.Min(lineEnd, end);
            bool isLong = lineEnd - start + (isEnded ? unit - 1 : input.Length - end) >= LogFile.BufferBytes;
            int length = isLong ? FindNuls(input.AsSpan(start..lineEnd), unit) : lineEnd - start;
            isEnded &= length == lineEnd - start;
            byte[] line = encoding == Encoding.UTF8 ? input[start..(start + length)] : Encoding.UTF8.GetBytes(encoding.GetString(input, start, length));
            start += length + (isEnded ? unit : 0);
            Add(records, line, isEnded);
        }

        return records;
    }

    /// <summary>A line longer than the buffer ends before a run of NULs that fills half of the buffer.</summary>
    private static int FindNuls(ReadOnlySpan<byte> line, int unit)
    {
        for (int start = 0, found; (found = line[start..].IndexOf(new byte[LogFile.BufferBytes / 2])) >= 0; start++)
        {
            start += found;
            if (start % unit == 0)
            {
                return start;
            }
        }

        return line.Length;
    }

    private static bool IsNul(byte[] input, int position, int unit) =>
        position + unit <= input.Length && input[position] == 0 && input[position + unit - 1] == 0;

    private void Add(List<ReadRecord> records, ReadOnlySpan<byte> line, bool isEnded)
    {
        line = line.StartsWith(Encoding.UTF8.Preamble) ? line[Encoding.UTF8.Preamble.Length..] : line;
        if (line.IsEmpty && !isEnded)
        {
            return;
        }

        line = isEnded && line.EndsWith((byte)'\r') ? line[..^1] : line;
        ReadOnlySpan<byte> text = _text.Prepare(line, isAscii: false, line.Length, LogFile.MaxLineBytes, out long truncatedBytes);
        records.Add(new ReadRecord(LogFile.FirstNs, "stdout", Encoding.UTF8.GetString(text), truncatedBytes));
    }
}
