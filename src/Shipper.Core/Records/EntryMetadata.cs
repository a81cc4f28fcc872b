using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.CompilerServices;

namespace Shipper.Records;

/// <summary>
/// Encodes the structured metadata of a record, as fields of Loki's EntryAdapter:
/// <code>
/// message EntryAdapter     { ...; repeated LabelPairAdapter structuredMetadata = 3; }
/// message LabelPairAdapter { string name = 1; string value = 2; }
/// </code>
/// Source: grafana/loki, pkg/push/push.proto.
/// </summary>
internal static class EntryMetadata
{
    /// <summary>Upper bound in bytes of the structured metadata that a source and the stages may give a record; Loki accepts 64 KB.</summary>
    public const int MaxBytes = 16 * 1024;

    // The largest length that is one byte. Nearly all pairs are shorter.
    private const int MaxShort = 0x7F;

    private const byte Field1 = (1 << 3) | 2;
    private const byte Field2 = (2 << 3) | 2;
    private const byte Field3 = (3 << 3) | 2;

    /// <summary>Encodes one pair of structured metadata.</summary>
    /// <param name="name">The name, of ASCII letters, digits and _; Loki refuses others.</param>
    /// <param name="value">The value, valid UTF-8.</param>
    public static byte[] Encode(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        var encoded = new byte[Length(name, value)];
        Write(encoded, name, value);
        return encoded;
    }

    /// <summary>Writes one pair of structured metadata, if there is room for it.</summary>
    /// <returns>Bytes written; 0 if there is no room.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int TryWrite(Span<byte> target, ReadOnlySpan<byte> name, ReadOnlySpan<byte> value) =>
        IsShort(name, value) && target.Length >= MaxShort + 2 ? WriteShort(target, name, value)
        : Length(name, value) <= target.Length ? Write(target, name, value)
        : 0;

    /// <summary>Returns the encoded size in bytes of a pair of structured metadata.</summary>
    public static int Length(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        int pair = PairLength(name, value);
        return pair <= MaxShort ? 2 + pair : 1 + VarintLength((uint)pair) + pair;
    }

    /// <summary>Writes one pair of structured metadata; there must be room for <see cref="Length"/>.</summary>
    /// <returns>Bytes written.</returns>
    public static int Write(Span<byte> target, ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        if (IsShort(name, value))
        {
            return WriteShort(target, name, value);
        }

        target[0] = Field3;
        int position = 1 + WriteVarint(target[1..], (uint)PairLength(name, value));
        target[position++] = Field1;
        position += WriteVarint(target[position..], (uint)name.Length);
        name.CopyTo(target[position..]);
        position += name.Length;
        target[position++] = Field2;
        position += WriteVarint(target[position..], (uint)value.Length);
        value.CopyTo(target[position..]);
        return position + value.Length;
    }

    /// <summary>Reads the first pair.</summary>
    /// <param name="encoded">Pairs, encoded by this class; at least one.</param>
    /// <returns>The pairs behind it.</returns>
    public static ReadOnlySpan<byte> Read(ReadOnlySpan<byte> encoded, out ReadOnlySpan<byte> name, out ReadOnlySpan<byte> value)
    {
        ReadOnlySpan<byte> pair = ReadField(encoded, out ReadOnlySpan<byte> rest);
        name = ReadField(pair, out pair);
        value = ReadField(pair, out _);
        return rest;
    }

    /// <summary>Reads the name of the first pair.</summary>
    /// <inheritdoc cref="Read"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ReadOnlySpan<byte> ReadName(ReadOnlySpan<byte> encoded, out ReadOnlySpan<byte> name)
    {
        name = ReadField(ReadField(encoded, out ReadOnlySpan<byte> rest), out _);
        return rest;
    }

    private static bool IsShort(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value) => name.Length + value.Length <= MaxShort - 4;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int WriteShort(Span<byte> target, ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        int pair = 4 + name.Length + value.Length;
        BinaryPrimitives.WriteInt32LittleEndian(target, Field3 | (pair << 8) | (Field1 << 16) | (name.Length << 24));
        target = target[4..];
        name.CopyTo(target);
        target = target[name.Length..];
        BinaryPrimitives.WriteInt16LittleEndian(target, (short)(Field2 | (value.Length << 8)));
        value.CopyTo(target[2..]);
        return 2 + pair;
    }

    private static int PairLength(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value) =>
        name.Length + value.Length <= MaxShort ? 4 + name.Length + value.Length
        : 2 + VarintLength((uint)name.Length) + name.Length + VarintLength((uint)value.Length) + value.Length;

    private static int VarintLength(uint value) => ((BitOperations.Log2(value | 1) * 9) + 73) >> 6;

    private static int WriteVarint(Span<byte> target, uint value)
    {
        int position = 0;
        for (; value >= 0x80; value >>= 7)
        {
            target[position++] = (byte)(value | 0x80);
        }

        target[position] = (byte)value;
        return position + 1;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ReadOnlySpan<byte> ReadField(ReadOnlySpan<byte> encoded, out ReadOnlySpan<byte> rest)
    {
        int first = encoded[1];
        if (first > MaxShort)
        {
            return ReadLongField(encoded, out rest);
        }

        rest = encoded[(2 + first)..];
        return encoded.Slice(2, first);
    }

    private static ReadOnlySpan<byte> ReadLongField(ReadOnlySpan<byte> encoded, out ReadOnlySpan<byte> rest)
    {
        int position = 1;
        int length = encoded[position] & 0x7F;
        for (int shift = 7; encoded[position++] >= 0x80; shift += 7)
        {
            length |= (encoded[position] & 0x7F) << shift;
        }

        rest = encoded[(position + length)..];
        return encoded.Slice(position, length);
    }
}
