using System.Buffers.Binary;
using System.Globalization;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Text;
using Shipper.Records;

namespace Shipper.Loki;

/// <summary>
/// Writes Loki's push request in protobuf format.
/// <code>
/// message PushRequest      { repeated StreamAdapter streams = 1; }
/// message StreamAdapter    { string labels = 1; repeated EntryAdapter entries = 2; }
/// message EntryAdapter     { google.protobuf.Timestamp timestamp = 1; string line = 2;
///                            repeated LabelPairAdapter structuredMetadata = 3; }
/// message LabelPairAdapter { string name = 1; string value = 2; }
/// message Timestamp        { int64 seconds = 1; int32 nanos = 2; }
/// </code>
/// Source: grafana/loki, pkg/push/push.proto; wire format: https://protobuf.dev/programming-guides/encoding/.
/// </summary>
/// <remarks>
/// Generated classes would allocate 570 bytes per line and take five times as long. The length of an entry is known before it is written. The length of a
/// stream is not, so its length field always takes four bytes, as the format allows.
/// </remarks>
internal static class PushRequestWriter
{
    /// <summary>Bytes of a stream before its labels: its tag and a length of four bytes.</summary>
    public const int StreamHeaderBytes = 5;

    /// <summary>Upper bound in bytes of an entry without its line.</summary>
    public const int MaxEntryOverheadBytes = EntryMetadata.MaxBytes + 256;

    /// <summary>Upper bound in bytes of an entry's growth when its time is moved: <c>original_timestamp</c>, and longer lengths.</summary>
    public const int MaxMovedBytes = 64;

    private const byte Field1 = (1 << 3) | 2;
    private const byte Field2 = (2 << 3) | 2;
    private const byte SecondsField = 1 << 3;
    private const byte NanosField = 2 << 3;
    private const ulong NanosecondsPerSecond = 1_000_000_000;
    private const int MaxStreamBytes = (1 << 28) - 1;

    /// <summary>Name of the metadata that keeps a record's own time if it is sent with another one.</summary>
    public static ReadOnlySpan<byte> OriginalTimestamp => "original_timestamp"u8;

    /// <summary>Encoded metadata of an entry that was written to stdout.</summary>
    public static byte[] StdoutMetadata { get; } = EntryMetadata.Encode("stream"u8, "stdout"u8);

    /// <summary>Encoded metadata of an entry that was written to stderr.</summary>
    public static byte[] StderrMetadata { get; } = EntryMetadata.Encode("stream"u8, "stderr"u8);

    /// <summary>Encodes the labels field of a stream.</summary>
    public static byte[] EncodeLabels(string selector)
    {
        int length = Encoding.UTF8.GetByteCount(selector);
        var encoded = new byte[1 + VarintLength((uint)length) + length];
        encoded[0] = Field1;
        int position = 1 + WriteVarint(encoded.AsSpan(1), (uint)length);
        Encoding.UTF8.GetBytes(selector, encoded.AsSpan(position));
        return encoded;
    }

    /// <summary>Returns the selector that <see cref="EncodeLabels"/> encoded.</summary>
    public static string DecodeLabels(ReadOnlySpan<byte> encoded)
    {
        int position = 1;
        while (encoded[position++] >= 0x80)
        {
        }

        return Encoding.UTF8.GetString(encoded[position..]);
    }

    /// <summary>Begins a stream; <see cref="EndStream"/> fills in its length.</summary>
    /// <returns>Bytes written.</returns>
    public static int BeginStream(Span<byte> target, ReadOnlySpan<byte> encodedLabels)
    {
        target[0] = Field1;
        encodedLabels.CopyTo(target[StreamHeaderBytes..]);
        return StreamHeaderBytes + encodedLabels.Length;
    }

    /// <summary>Fills in the length of a stream.</summary>
    /// <param name="stream">The stream from its first byte, header included, to its last.</param>
    public static void EndStream(Span<byte> stream)
    {
        int length = stream.Length - StreamHeaderBytes;
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, MaxStreamBytes);
        stream[1] = (byte)(length | 0x80);
        stream[2] = (byte)((length >> 7) | 0x80);
        stream[3] = (byte)((length >> 14) | 0x80);
        stream[4] = (byte)(length >> 21);
    }

    /// <summary>Writes one entry. There must be room for the line and <see cref="MaxEntryOverheadBytes"/>.</summary>
    /// <param name="sentNs">The time to send it with, in nanoseconds since 1970.</param>
    /// <param name="moved">True if this is not the record's own time, which then becomes structured metadata.</param>
    /// <returns>Bytes written.</returns>
    public static int WriteEntry(Span<byte> target, in LogRecord record, long sentNs, bool moved)
    {
        if (record.TruncatedBytes != 0 || moved)
        {
            return WriteEntry(target, record.Line, sentNs, AddMetadata(record.Metadata, in record, moved, stackalloc byte[MaxEntryOverheadBytes]));
        }

        return WriteEntry(target, record.Line, sentNs, record.Metadata);
    }

    /// <summary>Writes an entry with a new time, because Loki refused the one that it was encoded with.</summary>
    /// <param name="sentNs">The time to send it with, in nanoseconds since 1970.</param>
    /// <param name="originalNs">The time that the entry was encoded with.</param>
    /// <param name="metadata">Its structured metadata, encoded.</param>
    /// <returns>Bytes written.</returns>
    public static int WriteMovedEntry(Span<byte> target, ReadOnlySpan<byte> line, long sentNs, long originalNs, ReadOnlySpan<byte> metadata)
    {
        if (PushRequestReader.TryFindMetadata(metadata, OriginalTimestamp, out _))
        {
            // The entry was moved before.
            return WriteEntry(target, line, sentNs, metadata);
        }

        Span<byte> extended = stackalloc byte[MaxEntryOverheadBytes];
        metadata.CopyTo(extended);
        return WriteEntry(target, line, sentNs, extended[..(metadata.Length + WriteOriginal(extended[metadata.Length..], originalNs))]);
    }

    /// <summary>Writes one entry. There must be room for the line and <see cref="MaxEntryOverheadBytes"/>.</summary>
    /// <param name="sentNs">The time to send it with, in nanoseconds since 1970.</param>
    /// <param name="metadata">Its structured metadata, encoded.</param>
    /// <returns>Bytes written.</returns>
    public static int WriteEntry(Span<byte> target, ReadOnlySpan<byte> line, long sentNs, ReadOnlySpan<byte> metadata)
    {
        // Seconds fit into 34 bits until nanoseconds no longer fit into 64.
        ulong seconds = (ulong)sentNs / NanosecondsPerSecond;
        uint nanos = (uint)((ulong)sentNs - (seconds * NanosecondsPerSecond));
        int timestampLength = 1 + VarintLength(seconds) + (nanos == 0 ? 0 : 1 + VarintLength(nanos));
        int length = 2 + timestampLength + metadata.Length;
        if (!line.IsEmpty)
        {
            length += 1 + VarintLength((uint)line.Length) + line.Length;
        }

        target[0] = Field2;
        int position = 1 + WriteShortVarint(target[1..], (uint)length);
        target[position] = Field1;
        target[position + 1] = (byte)timestampLength;
        target[position + 2] = SecondsField;
        position += 3;
        position += WriteShortVarint(target[position..], seconds);
        if (nanos != 0)
        {
            target[position++] = NanosField;
            position += WriteShortVarint(target[position..], nanos);
        }

        if (!line.IsEmpty)
        {
            target[position++] = Field2;
            position += WriteShortVarint(target[position..], (uint)line.Length);
            line.CopyTo(target[position..]);
            position += line.Length;
        }

        metadata.CopyTo(target[position..]);
        return position + metadata.Length;
    }

    /// <summary>Adds the metadata of rare records: those that were cut, and those whose time was moved.</summary>
    private static ReadOnlySpan<byte> AddMetadata(ReadOnlySpan<byte> metadata, in LogRecord record, bool moved, Span<byte> target)
    {
        metadata.CopyTo(target);
        int position = metadata.Length;
        if (record.TruncatedBytes != 0)
        {
            Span<byte> value = stackalloc byte[32];
            record.TruncatedBytes.TryFormat(value, out int length, default, CultureInfo.InvariantCulture);
            position += EntryMetadata.Write(target[position..], "truncated_bytes"u8, value[..length]);
        }

        if (moved)
        {
            position += WriteOriginal(target[position..], record.TimestampNs);
        }

        return target[..position];
    }

    private static int WriteOriginal(Span<byte> target, long timestampNs)
    {
        Span<byte> value = stackalloc byte[32];
        return EntryMetadata.Write(target, OriginalTimestamp, value[..FormatTimestamp(value, timestampNs)]);
    }

    /// <summary>Writes a time as <c>2006-01-02T15:04:05.123456789Z</c>.</summary>
    private static int FormatTimestamp(Span<byte> target, long timestampNs)
    {
        var second = new DateTime(DateTime.UnixEpoch.Ticks + (timestampNs / (long)NanosecondsPerSecond * TimeSpan.TicksPerSecond), DateTimeKind.Utc);
        second.TryFormat(target, out int length, "yyyy-MM-ddTHH:mm:ss", CultureInfo.InvariantCulture);
        target[length++] = (byte)'.';
        (timestampNs % (long)NanosecondsPerSecond).TryFormat(target[length..], out int digits, "D9", CultureInfo.InvariantCulture);
        length += digits;
        target[length++] = (byte)'Z';
        return length;
    }

    /// <summary>Returns the bytes of a varint below 2^35: a seventh of its bits, rounded up, without a loop.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int VarintLength(ulong value) => ((BitOperations.Log2(value | 1) * 9) + 73) >> 6;

    /// <summary>
    /// Writes a varint below 2^35 in one step, without a loop or a branch: with a loop, a record of 200 bytes takes a third longer. Eight bytes are written, so
    /// there must be room for them.
    /// </summary>
    /// <returns>Length of the varint in bytes.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int WriteShortVarint(Span<byte> target, ulong value)
    {
        const ulong MoreFollow = 0x8080808080;
        int length = VarintLength(value);
        ulong sevens = (value & 0x7F) | ((value & 0x3F80) << 1) | ((value & 0x1F_C000) << 2) | ((value & 0xFE0_0000) << 3) | ((value & 0x7_F000_0000) << 4);
        BinaryPrimitives.WriteUInt64LittleEndian(target, sevens | (MoreFollow & ((1UL << (8 * (length - 1))) - 1)));
        return length;
    }

    private static int WriteVarint(Span<byte> target, ulong value)
    {
        int position = 0;
        for (; value >= 0x80; value >>= 7)
        {
            target[position++] = (byte)(value | 0x80);
        }

        target[position] = (byte)value;
        return position + 1;
    }
}
