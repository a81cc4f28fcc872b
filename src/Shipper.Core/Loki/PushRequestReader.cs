namespace Shipper.Loki;

/// <summary>Reads what <see cref="PushRequestWriter"/> has written.</summary>
internal static class PushRequestReader
{
    private const byte LineField = (2 << 3) | 2;
    private const byte NanosField = 2 << 3;
    private const long NanosecondsPerSecond = 1_000_000_000;

    /// <summary>Returns the length in bytes of the entry that the bytes begin with.</summary>
    public static int EntryLength(ReadOnlySpan<byte> bytes)
    {
        int position = 1;
        return (int)ReadVarint(bytes, ref position) + position;
    }

    /// <summary>Reads an entry.</summary>
    /// <param name="entry">The bytes of the entry; others may follow.</param>
    /// <param name="metadata">Its structured metadata, encoded.</param>
    /// <returns>Its time, in nanoseconds since 1970.</returns>
    public static long ReadEntry(ReadOnlySpan<byte> entry, out ReadOnlySpan<byte> line, out ReadOnlySpan<byte> metadata)
    {
        int position = 1;
        entry = entry[..EntryLength(entry)];
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
            position += length;
        }

        metadata = entry[position..];
        return timestampNs;
    }

    /// <summary>Counts the pairs of structured metadata.</summary>
    /// <param name="metadata">The pairs, encoded.</param>
    /// <param name="bytes">The bytes of their names and values, which is what Loki counts.</param>
    public static int CountMetadata(ReadOnlySpan<byte> metadata, out int bytes)
    {
        int pairs = 0;
        bytes = 0;
        for (int position = 0; position < metadata.Length; pairs++)
        {
            position = ReadPair(metadata, position, out ReadOnlySpan<byte> name, out ReadOnlySpan<byte> value);
            bytes += name.Length + value.Length;
        }

        return pairs;
    }

    /// <summary>Finds a pair of structured metadata.</summary>
    /// <param name="metadata">The pairs, encoded.</param>
    /// <param name="value">The value; empty if the pair was not found.</param>
    public static bool TryFindMetadata(ReadOnlySpan<byte> metadata, ReadOnlySpan<byte> name, out ReadOnlySpan<byte> value)
    {
        for (int position = 0; position < metadata.Length;)
        {
            position = ReadPair(metadata, position, out ReadOnlySpan<byte> found, out value);
            if (found.SequenceEqual(name))
            {
                return true;
            }
        }

        value = [];
        return false;
    }

    /// <returns>Where the next pair begins.</returns>
    private static int ReadPair(ReadOnlySpan<byte> metadata, int position, out ReadOnlySpan<byte> name, out ReadOnlySpan<byte> value)
    {
        position++;
        int length = (int)ReadVarint(metadata, ref position);
        ReadOnlySpan<byte> pair = metadata.Slice(position, length);
        int inner = 1;
        int nameLength = (int)ReadVarint(pair, ref inner);
        name = pair.Slice(inner, nameLength);
        inner += nameLength + 1;
        int valueLength = (int)ReadVarint(pair, ref inner);
        value = pair.Slice(inner, valueLength);
        return position + length;
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
