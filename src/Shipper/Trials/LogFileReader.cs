using Shipper.Parsing;
using Shipper.Processing.Assembling;
using Shipper.Processing.Cases;
using Shipper.Records;

namespace Shipper.Trials;

/// <summary>Reads the end of a log file, and runs its lines.</summary>
/// <remarks>Not thread-safe. The buffer is used for one file after the other.</remarks>
internal sealed class LogFileReader
{
    /// <summary>Number of bytes at the end of a file that are read.</summary>
    public const int MaxBytes = 64 * 1024 * 1024;

    // Runtimes write lines in parts of 16 KiB, which escapes in JSON can make six times as long.
    private const int MaxHeaderLineBytes = 1024 * 1024;

    // The first lines may be damaged.
    private const int MaxTriedLines = 5;

    private readonly ContainerLineParser _parser = new(MaxHeaderLineBytes);
    private byte[] _bytes = [];

    /// <summary>The bytes of the file that was opened last, from the beginning of a line.</summary>
    private ReadOnlyMemory<byte> _text;

    /// <summary>Number of bytes before those that were read.</summary>
    public long Skipped { get; private set; }

    /// <summary>Number of bytes that were read.</summary>
    public int Length => _text.Length;

    /// <summary>Number of lines that <see cref="Run"/> has read.</summary>
    public long Lines { get; private set; }

    /// <summary>True if a container runtime wrote the file.</summary>
    public bool HasHeaders
    {
        get
        {
            ReadOnlySpan<byte> rest = _text.Span;
            for (int lines = 0; lines < MaxTriedLines && !rest.IsEmpty; lines++)
            {
                int length = LengthOfLine(rest);
                if (_parser.TryParse(Cut(rest[..length]), out _))
                {
                    return true;
                }

                rest = rest[Math.Min(rest.Length, length + 1)..];
            }

            return false;
        }
    }

    /// <summary>True if the text has two bytes for each character.</summary>
    public bool IsUtf16 =>
        PlainTextDecoder.Detect(_text.Span) is TextEncoding.Utf16LittleEndian or TextEncoding.Utf16BigEndian || PlainTextDecoder.LooksLikeUtf16(_text.Span);

    /// <summary>True if the file is compressed with gzip.</summary>
    public bool IsGzip => _text.Span is [0x1F, 0x8B, ..];

    /// <summary>Reads a file into memory.</summary>
    /// <exception cref="IOException">The file can't be read.</exception>
    /// <exception cref="UnauthorizedAccessException">The user has no permission to read the file.</exception>
    public void Open(string path)
    {
        using FileStream file = new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
        long length = file.Length;
        int count = (int)Math.Min(length, MaxBytes);
        if (_bytes.Length < count)
        {
            _bytes = GC.AllocateUninitializedArray<byte>(count);
        }

        file.Position = length - count;
        count = file.ReadAtLeast(_bytes.AsSpan(0, count), count, throwOnEndOfStream: false);

        // The first line may have begun before.
        int start = count == length ? 0 : Math.Min(count, LengthOfLine(_bytes.AsSpan(0, count)) + 1);
        _text = _bytes.AsMemory(start, count - start);
        Skipped = length - _text.Length;
        Lines = 0;
    }

    /// <summary>Runs the lines of the file.</summary>
    /// <param name="hasHeaders">True if a container runtime wrote them. If not, they have no times, and are taken to be 1 ms apart.</param>
    /// <param name="runner">Receives the lines.</param>
    public void Run(bool hasHeaders, RecordRunner runner)
    {
        ReadOnlySpan<byte> rest = _text.Span;
        long timeNs = TextRun.FirstLineNs;
        for (long offset = 0; !rest.IsEmpty;)
        {
            int length = LineScanner.IndexOfNewline(rest, out bool isText);
            length = length < 0 ? rest.Length : length;
            int taken = Math.Min(rest.Length, length + 1);
            ReadOnlySpan<byte> text = rest[..length].TrimStart((byte)0);
            rest = rest[taken..];
            if (text.IsEmpty && length > 0)
            {
                // Zeros that a crash has left.
                offset += taken;
                continue;
            }

            Lines++;
            if (!hasHeaders)
            {
                timeNs += TimeSpan.NanosecondsPerTick * TimeSpan.TicksPerMillisecond;
                ReadOnlySpan<byte> content = PlainTextDecoder.WithoutCarriageReturn(text);
                Add(new LogLine(timeNs, LogOutput.Stdout, isPartial: false, content) { IsAscii = isText }, offset, taken, runner);
            }
            else if (_parser.TryParse(Cut(text), out LogLine line))
            {
                timeNs = line.TimestampNs;
                line.IsAscii = isText && text.Overlaps(line.Content);
                Add(line, offset, taken, runner);
            }
            else
            {
                Add(new LogLine(timeNs, LogOutput.Stdout, isPartial: false, text) { IsTorn = true }, offset, taken, runner);
            }

            offset += taken;
        }

        runner.Flush();
    }

    private static void Add(in LogLine line, long offset, int length, RecordRunner runner) => runner.Add(in line, new LineRange(offset, offset + length));

    private static ReadOnlySpan<byte> Cut(ReadOnlySpan<byte> line) => line[..Math.Min(line.Length, MaxHeaderLineBytes)];

    private static int LengthOfLine(ReadOnlySpan<byte> text) => text.IndexOf((byte)'\n') is >= 0 and int length ? length : text.Length;
}
