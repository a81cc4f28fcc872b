using Shipper.Records;

namespace Shipper.Parsing;

/// <summary>
/// Finds the end of a record that the runtime could not finish. A full disk or a power loss cut the record off, perhaps with NULs in place of the rest, and
/// the next record is on the same line.
/// </summary>
/// <remarks>
/// <para>
/// A container must not be able to turn one record into two. So a line that is valid as a whole is never split, with one exception: at NULs that are
/// directly followed by the header of a record that is no older. An invalid line is split only at the beginning of a record that is valid to its end.
/// </para>
/// <para>
/// The time that this takes is linear in the length of the line. Not thread-safe: each lane has its own instance.
/// </para>
/// </remarks>
internal sealed class DamagedLines(ContainerLineParser parser)
{
    /// <summary>Length of <c>2006-01-02T15:04:05Z</c>.</summary>
    private const int MinTimestampLength = 20;

    /// <summary>Length of <c>2006-01-02T15:04:05.123456789+01:00</c>.</summary>
    private const int MaxTimestampLength = 35;

    /// <summary>Finds the end of the first record, or of what is left of it, in an invalid line.</summary>
    /// <param name="text">The line, or the beginning of a very long line.</param>
    /// <returns>Number of bytes before the next record; 0 if there is none.</returns>
    public int FindRecordEnd(ReadOnlySpan<byte> text)
    {
        int next = text.IsEmpty ? 0 : text[0] == DockerParser.Start[0] ? FindDocker(text) : FindCri(text);

        // In a long line, a record of either format begins after NULs. So it does in a short one.
        return next == 0 ? FindEndBeforeNuls(text, long.MinValue) : text[..next].TrimEnd((byte)0).Length;
    }

    /// <summary>Finds the end of the first record in a valid CRI line that may be two records with NULs between them.</summary>
    /// <param name="text">The line, or the beginning of a very long line.</param>
    /// <param name="timestampNs">The line's time, in nanoseconds since 1970.</param>
    /// <returns>Number of bytes before the NULs; 0 if the line is a single record, including any NULs that its container printed.</returns>
    public int FindEndBeforeNuls(ReadOnlySpan<byte> text, long timestampNs)
    {
        for (int start = 0, found; (found = text[start..].IndexOf((byte)0)) >= 0;)
        {
            int end = start + found;
            int length = text[end..].IndexOfAnyExcept((byte)0);
            if (length < 0)
            {
                break;
            }

            start = end + length;
            if (StartsNextRecord(text[start..], timestampNs))
            {
                return end;
            }
        }

        return 0;
    }

    /// <summary>Returns true if the text begins with a CRI record that is no older than the record before it.</summary>
    public bool StartsNextRecord(ReadOnlySpan<byte> text, long timestampNs) =>
        !text.IsEmpty && text[0] != DockerParser.Start[0] && parser.TryParse(text, out LogLine next) && next.TimestampNs >= timestampNs;

    /// <summary>Splits the line at each place at which a record may begin, until one of the parts is valid.</summary>
    private int FindDocker(ReadOnlySpan<byte> text)
    {
        int start = 0;
        while (true)
        {
            int length = text[(start + 1)..].IndexOf(DockerParser.Start) + 1;
            ReadOnlySpan<byte> part = (length == 0 ? text[start..] : text.Slice(start, length)).TrimEnd((byte)0);
            if (part.EndsWith(DockerParser.End) && parser.TryParse(part, out _))
            {
                return start > 0 || length == 0 ? start : length;
            }

            if (length == 0)
            {
                return 0;
            }

            start += length;
        }
    }

    private int FindCri(ReadOnlySpan<byte> text)
    {
        for (int output = 0, found; (found = text[output..].IndexOf(" std"u8)) >= 0; output++)
        {
            output += found;
            for (int length = MinTimestampLength; length <= Math.Min(MaxTimestampLength, output - 1); length++)
            {
                if (parser.TryParse(text[(output - length)..], out _))
                {
                    return output - length;
                }
            }
        }

        return 0;
    }
}
