using System.Text;
using System.Text.Unicode;
using Shipper.Parsing;
using Shipper.Processing;
using Shipper.Records;
using Shipper.Tailing.Reading;

namespace Shipper.Core.Tests.Fuzzing.Targets;

/// <summary>
/// Reads a whole log file in the simplest way: all in memory, line by line, joining the parts of each output. <see cref="LogReader"/> must give the same
/// records for the same content.
/// </summary>
internal sealed class SimpleReader(int maxLineBytes, int bufferBytes, long firstNs, bool skipsLongLines)
{
    private const long MaxWaitNs = 30L * 1_000_000_000;

    private readonly ContainerLineParser _parser = new(bufferBytes);
    private readonly DamagedLines _damaged = new(new ContainerLineParser(bufferBytes));
    private readonly LineSanitizer _text = new(maxLineBytes);
    private readonly List<ReadRecord> _records = [];
    private readonly (long TimestampNs, List<byte> Content)?[] _open = new (long, List<byte>)?[2];
    private long _lastNs = firstNs;

    public List<ReadRecord> Read(byte[] content)
    {
        // NULs at the end are not content. NULs before a line are skipped, together with the newline if the line contains nothing else.
        ReadOnlySpan<byte> rest = content.AsSpan().TrimEnd((byte)0);
        int behind = content.Length - rest.Length;
        while (!rest.IsEmpty)
        {
            if (rest[0] == 0)
            {
                rest = rest.TrimStart((byte)0);
                rest = rest[0] == '\n' ? rest[1..] : rest;
                continue;
            }

            int newline = rest.IndexOf((byte)'\n');
            int length = newline < 0 ? rest.Length : newline;
            bool isLong = length + (newline < 0 ? behind : 0) >= bufferBytes;
            ReadOnlySpan<byte> known = rest[..Math.Min(length, bufferBytes)];
            int nuls = isLong ? FindManyNuls(known) : -1;
            if (nuls >= 0)
            {
                (length, newline, isLong) = (nuls, -1, false);
                known = rest[..length];
            }

            int end = _parser.TryParse(isLong ? known.TrimEnd((byte)0) : known, out LogLine parsed) ? _damaged.FindEndBeforeNuls(known, parsed.TimestampNs) : _damaged.FindRecordEnd(known);
            end = end > 0 ? end : isLong ? FindLongEnd(rest[..length]) : length;
            ParseLine(rest[..end].ToArray());
            rest = rest[(end == newline ? end + 1 : end)..];
        }

        Finish(LogOutput.Stdout);
        Finish(LogOutput.Stderr);
        return _records;
    }

    /// <summary>A line longer than the buffer ends before NULs that are followed by a record, or that fill half of the buffer.</summary>
    private int FindLongEnd(ReadOnlySpan<byte> line)
    {
        ReadOnlySpan<byte> beginning = line[..Math.Min(line.Length, bufferBytes)].TrimEnd((byte)0);
        long timestampNs = _parser.TryParse(beginning, out LogLine parsed) ? parsed.TimestampNs : long.MinValue;
        for (int position = 0, found; (found = line[position..].IndexOf((byte)0)) >= 0;)
        {
            int start = position + found;
            int nuls = line.Length - start - line[start..].TrimStart((byte)0).Length;
            position = start + nuls;
            if (nuls >= bufferBytes / 2 || (position < line.Length && _damaged.StartsNextRecord(line[position..], timestampNs)))
            {
                return start;
            }
        }

        return line.Length;
    }

    private int FindManyNuls(ReadOnlySpan<byte> text) => text.IndexOf(new byte[bufferBytes / 2]);

    private void ParseLine(byte[] line)
    {
        // The header of a line longer than the buffer is parsed from its beginning; the rest is content as it is.
        int length = line.AsSpan(0, Math.Min(line.Length, bufferBytes)).TrimEnd((byte)0).Length;
        length = line.Length < bufferBytes ? line.Length : length;
        if (!_parser.TryParse(line.AsSpan(0, length), out LogLine parsed))
        {
            Finish(LogOutput.Stdout);
            Add(_lastNs, LogOutput.Stdout, line);
            return;
        }

        foreach (LogOutput output in (LogOutput[])[LogOutput.Stdout, LogOutput.Stderr])
        {
            if (_open[(int)output] is { } waiting && parsed.TimestampNs - waiting.TimestampNs >= MaxWaitNs)
            {
                Finish(output);
            }
        }

        (long TimestampNs, List<byte> Content) open = _open[(int)parsed.Output] ?? (parsed.TimestampNs, []);
        open.Content.AddRange(parsed.Content);
        open.Content.AddRange(line.AsSpan(length));
        _open[(int)parsed.Output] = open;
        if (!parsed.IsPartial)
        {
            Finish(parsed.Output);
        }
    }

    private void Finish(LogOutput output)
    {
        if (_open[(int)output] is { } open)
        {
            _open[(int)output] = null;
            Add(open.TimestampNs, output, [.. open.Content]);
        }
    }

    private void Add(long timestampNs, LogOutput output, byte[] content)
    {
        ReadOnlySpan<byte> line = _text.Prepare(content, isAscii: false, content.Length, maxLineBytes, out long truncatedBytes);
        Assert.True(Utf8.IsValid(line) && line.Length <= maxLineBytes);
        if (truncatedBytes == 0)
        {
            Assert.Equal(Encoding.UTF8.GetString(content), Encoding.UTF8.GetString(line));
        }
        else
        {
            // All bytes are accounted for: those kept, and those that the marker counts.
            string marker = $"…[truncated {truncatedBytes} bytes]";
            string kept = Encoding.UTF8.GetString(line);
            Assert.EndsWith(marker, kept, StringComparison.Ordinal);
            Assert.Equal(Encoding.UTF8.GetString(content.AsSpan(0, (int)(content.Length - truncatedBytes))), kept[..^marker.Length]);
        }

        if (truncatedBytes == 0 || !skipsLongLines)
        {
            _records.Add(new ReadRecord(timestampNs, output == LogOutput.Stdout ? "stdout" : "stderr", Encoding.UTF8.GetString(line), truncatedBytes));
            _lastNs = timestampNs;
        }
    }
}
