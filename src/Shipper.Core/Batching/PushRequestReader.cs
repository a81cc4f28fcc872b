namespace Shipper.Batching;

/// <summary>Reads back what <see cref="PushRequestWriter"/> wrote.</summary>
internal static class PushRequestReader
{
    private const byte LineField = (2 << 3) | 2;
    private const byte NanosField = 2 << 3;
    private const long NanosecondsPerSecond = 1_000_000_000;

    /// <summary>Bytes of the entry that begins here.</summary>
    public static int EntryLength(ReadOnlySpan<byte> bytes)
    {
        int position = 1;
        return (int)ReadVarint(bytes, ref position) + position;
    }

    /// <summary>Reads an entry.</summary>
    /// <param name="entry">Its bytes.</param>
    /// <param name="line">Its line.</param>
    /// <returns>Its time, in nanoseconds since 1970.</returns>
    public static long ReadEntry(ReadOnlySpan<byte> entry, out ReadOnlySpan<byte> line)
    {
        int position = 1;
        ReadVarint(entry, ref position);
        int end = entry[position + 1] + position + 2;
        position += 3;
        long timestampNs = (long)ReadVarint(entry, ref position) * NanosecondsPerSecond;
        if (position < end && entry[position] == NanosField)
        {
            position++;
            timestampNs += (long)ReadVarint(entry, ref position);
        }

        position = end;
        line = [];
        if (position < entry.Length && entry[position] == LineField)
        {
            position++;
            int length = (int)ReadVarint(entry, ref position);
            line = entry.Slice(position, length);
        }

        return timestampNs;
    }

    private static ulong ReadVarint(ReadOnlySpan<byte> bytes, ref int position)
    {
        ulong value = 0;
        for (int shift = 0; ; shift += 7)
        {
            byte next = bytes[position++];
            value |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80)
            {
                return value;
            }
        }
    }
}
