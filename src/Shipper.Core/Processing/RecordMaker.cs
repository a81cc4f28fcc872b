using System.Runtime.CompilerServices;
using Shipper.Records;
using Shipper.Tailing.Streams;

namespace Shipper.Processing;

/// <summary>Makes a line fit to send, and counts what had to be cut or left out.</summary>
/// <remarks>Not safe for concurrent use. A record is a view of the buffer here, or of the line, until the next one is made.</remarks>
/// <param name="maxLineBytes">The largest line size of any source.</param>
internal sealed class RecordMaker(int maxLineBytes)
{
    private readonly LineText _text = new(maxLineBytes);

    /// <summary>Records left out because they were longer than allowed, since the last <see cref="ClearCounts"/>.</summary>
    public long Skipped { get; private set; }

    /// <summary>Records left out because their pod does not want that output to be sent, since the last <see cref="ClearCounts"/>.</summary>
    public long Excluded { get; private set; }

    /// <summary>Records cut because they were longer than allowed, since the last <see cref="ClearCounts"/>.</summary>
    public long Truncated { get; private set; }

    /// <summary>Sets all counts to 0.</summary>
    public void ClearCounts() => Skipped = Excluded = Truncated = 0;

    /// <summary>Makes a record of a line.</summary>
    /// <param name="stream">Whose it is; tells what is allowed.</param>
    /// <param name="timestampNs">The line's time, in nanoseconds since 1970.</param>
    /// <param name="output">The output it was written to.</param>
    /// <param name="text">The line, or as much of its beginning as can be sent.</param>
    /// <param name="isAscii">True where all of it is known to be ASCII.</param>
    /// <param name="length">Bytes of the whole line.</param>
    /// <param name="record">The record.</param>
    /// <returns>False where the line is left out.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryMake(TailedStream stream, long timestampNs, LogOutput output, ReadOnlySpan<byte> text, bool isAscii, long length, out LogRecord record)
    {
        if (output == stream.Attributes.Excluded)
        {
            Excluded++;
            record = default;
            return false;
        }

        ReadOnlySpan<byte> line = _text.Prepare(text, isAscii, length, stream.MaxLineBytes, out long truncatedBytes);
        if (truncatedBytes > 0)
        {
            if (stream.LongLines == LongLines.Skip)
            {
                Skipped++;
                record = default;
                return false;
            }

            Truncated++;
        }

        record = new LogRecord(timestampNs, stream.Attributes.MetadataOf(output), line, truncatedBytes);
        return true;
    }
}
