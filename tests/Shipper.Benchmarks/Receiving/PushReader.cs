using System.Text;
using Shipper.Benchmarks.Input;

namespace Shipper.Benchmarks.Receiving;

/// <summary>
/// Counts the lines of an uncompressed push. It allocates per stream, but not per line: the receiver must not limit the
/// measurement.
/// </summary>
internal static class PushReader
{
    // message PushRequest   { repeated StreamAdapter streams = 1; }
    // message StreamAdapter { string labels = 1; repeated EntryAdapter entries = 2; uint64 hash = 3; }
    // message EntryAdapter  { Timestamp timestamp = 1; string line = 2; repeated LabelPairAdapter structuredMetadata = 3; }
    private const int FirstField = (1 << 3) | LengthDelimited;
    private const int SecondField = (2 << 3) | LengthDelimited;
    private const int LengthDelimited = 2;

    /// <summary>Reads a push in Loki's protobuf format.</summary>
    public static void ReadProtobuf(ReadOnlySpan<byte> request, ReceivedLines lines, long nowUs)
    {
        while (TryReadField(ref request, out int tag, out ReadOnlySpan<byte> stream))
        {
            if (tag == FirstField)
            {
                ReadStream(stream, lines, nowUs);
            }
        }
    }

    /// <summary>Reads any text that contains the lines. It finds each line by its mark.</summary>
    public static void ReadText(ReadOnlySpan<byte> request, ReceivedLines lines, long nowUs)
    {
        while (LineMark.TryFind(request, out LineMark mark, out int end))
        {
            lines.Count(in mark, nowUs);
            request = request[end..];
        }
    }

    private static void ReadStream(ReadOnlySpan<byte> rest, ReceivedLines lines, long nowUs)
    {
        ReceivedStream? stream = null;
        while (TryReadField(ref rest, out int tag, out ReadOnlySpan<byte> field))
        {
            if (tag == FirstField)
            {
                stream = lines.StreamOf(Encoding.UTF8.GetString(field));
            }
            else if (tag == SecondField)
            {
                stream ??= lines.StreamOf("");
                lines.CountRecord();
                ReadOnlySpan<byte> line = LineOf(field);
                if (!LineMark.TryFind(line, out LineMark mark, out int end))
                {
                    lines.CountUnreadable();
                    continue;
                }

                // Each line has a mark, so a joined record has several.
                do
                {
                    lines.Count(stream, in mark, nowUs);
                    line = line[end..];
                }
                while (LineMark.TryFind(line, out mark, out end));
            }
        }
    }

    private static ReadOnlySpan<byte> LineOf(ReadOnlySpan<byte> entry)
    {
        while (TryReadField(ref entry, out int tag, out ReadOnlySpan<byte> field))
        {
            if (tag == SecondField)
            {
                return field;
            }
        }

        return [];
    }

    /// <summary>Removes the first field from the input. A numeric field yields no bytes.</summary>
    private static bool TryReadField(scoped ref ReadOnlySpan<byte> rest, out int tag, out ReadOnlySpan<byte> field)
    {
        tag = 0;
        field = [];
        if (rest.IsEmpty)
        {
            return false;
        }

        tag = (int)ReadNumber(ref rest);
        ulong value = ReadNumber(ref rest);
        if ((tag & 7) == LengthDelimited)
        {
            field = rest[..checked((int)value)];
            rest = rest[field.Length..];
        }
        else if ((tag & 7) != 0)
        {
            throw new InvalidDataException($"A push has a field of wire type {tag & 7}.");
        }

        return true;
    }

    private static ulong ReadNumber(ref ReadOnlySpan<byte> rest)
    {
        ulong value = rest[0];
        if (value < 0x80)
        {
            rest = rest[1..];
            return value;
        }

        value &= 0x7f;
        for (int at = 1; ; at++)
        {
            byte part = rest[at];
            value |= (ulong)(part & 0x7f) << (7 * at);
            if (part < 0x80)
            {
                rest = rest[(at + 1)..];
                return value;
            }
        }
    }
}
