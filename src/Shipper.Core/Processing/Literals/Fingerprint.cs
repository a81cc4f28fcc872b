using System.Runtime.CompilerServices;

namespace Shipper.Processing.Literals;

/// <summary>Some bytes of a literal by which most texts that are not the literal are told from it.</summary>
internal readonly struct Fingerprint
{
    /// <summary>Number of bytes. A literal that is shorter has any bytes in the place of those that it lacks.</summary>
    public const int Bytes = 3;

    private readonly uint _value;
    private readonly uint _mask;
    private readonly uint _caseBits;

    /// <param name="literal">The literal, in lower case if case makes no difference.</param>
    /// <param name="offset">Index of the first of the bytes.</param>
    public Fingerprint(ReadOnlySpan<byte> literal, int offset, bool ignoreCase)
    {
        for (int i = 0; i < Bytes && offset + i < literal.Length; i++)
        {
            byte value = literal[offset + i];
            _value |= (uint)value << (8 * i);
            _mask |= 0xFFU << (8 * i);
            if (ignoreCase && value is >= (byte)'a' and <= (byte)'z')
            {
                // The bit by which the two cases of a letter differ.
                _caseBits |= 0x20U << (8 * i);
            }
        }
    }

    /// <summary>Reads the bytes at an index of a text; 0 for those behind its end.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint Read(ReadOnlySpan<byte> text, int index) =>
        text[index] | (index + 1 < text.Length ? (uint)text[index + 1] << 8 : 0) | (index + 2 < text.Length ? (uint)text[index + 2] << 16 : 0);

    /// <summary>Makes letters of both cases the same. Some other bytes become the same, too.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint Fold(uint bytes) => bytes | 0x202020;

    /// <summary>Returns true if bytes that <see cref="Read"/> returned are those of the literal.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool Is(uint bytes) => ((bytes | _caseBits) & _mask) == _value;
}
