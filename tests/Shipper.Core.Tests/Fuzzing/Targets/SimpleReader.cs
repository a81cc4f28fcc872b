using System.Text;
using System.Text.Unicode;
using Shipper.Parsing;
using Shipper.Tailing;
using Shipper.Testing;

namespace Shipper.Fuzzing.Targets;

/// <summary>
/// Reads a whole log file as simply as can be: all of it in memory, line by line, the parts of each output joined. What
/// <see cref="LogReader"/> gives for the same content must be this.
/// </summary>
internal sealed class SimpleReader(int maxLineBytes, int bufferBytes, long firstNs, bool skipsLongLines)
{
    private const long MaxWaitNs = 30L * 1_000_000_000;

    private readonly ContainerLineParser _parser = new(bufferBytes);
    private readonly LineText _text = new(maxLineBytes);
    private readonly List<ReadRecord> _records = [];
    private readonly (long TimestampNs, List<byte> Content)?[] _open = new (long, List<byte>)?[2];
    private long _lastNs = firstNs;

    public List<ReadRecord> Read(byte[] content)
    {
        List<byte[]> lines = [.. content.Split((byte)'\n')];
        if (lines[^1].Length == 0)
        {
            lines.RemoveAt(lines.Count - 1);
        }

        lines.ForEach(Take);
        Finish(LogOutput.Stdout);
        Finish(LogOutput.Stderr);
        return _records;
    }

    private void Take(byte[] line)
    {
        // Of a line that is longer than the buffer its beginning tells what it is, and the rest belongs to it as it is.
        int length = Math.Min(line.Length, bufferBytes);
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
            // All is accounted for: what is there, and what the marker says is not.
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
