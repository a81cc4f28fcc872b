using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace Shipper.Processing.Fields;

/// <summary>
/// Reads and writes numbers of 16 hexadecimal digits, eight digits at a time. The methods of <see cref="Convert"/> need an instruction that a NativeAOT program
/// does not expect of every processor, and take several times as long without it.
/// </summary>
internal static class HexDigits
{
    /// <summary>Number of digits.</summary>
    public const int Length = 16;

    private const int Step = 8;
    private const ulong HighBits = 0x8080808080808080;

    /// <summary>Parses a number.</summary>
    /// <param name="text"><see cref="Length"/> bytes.</param>
    /// <returns>False if one of them is not a hexadecimal digit.</returns>
    public static bool TryParse(ReadOnlySpan<byte> text, out ulong value)
    {
        bool isUpperValid = TryParseStep(text, out uint upper);
        bool isLowerValid = TryParseStep(text[Step..], out uint lower);
        value = ((ulong)upper << 32) | lower;
        return isUpperValid && isLowerValid;
    }

    /// <summary>Writes a number in lower case.</summary>
    /// <param name="target">Receives <see cref="Length"/> bytes.</param>
    public static void Write(Span<byte> target, ulong value)
    {
        BinaryPrimitives.WriteUInt64BigEndian(target, Format((uint)(value >> 32)));
        BinaryPrimitives.WriteUInt64BigEndian(target[Step..], Format((uint)value));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool TryParseStep(ReadOnlySpan<byte> text, out uint value)
    {
        ulong bytes = BinaryPrimitives.ReadUInt64BigEndian(text);

        // A sum of two bytes below 128 stays in its byte, and its highest bit says whether it has reached 128. A digit is 0 to 9 here.
        ulong digit = (bytes ^ 0x3030303030303030) & ~HighBits;
        ulong isNoDigit = (digit + 0x7676767676767676) & HighBits;

        // And a letter from a to f, in either case, is 1 to 6.
        ulong letter = ((bytes | 0x2020202020202020) ^ 0x6060606060606060) & ~HighBits;
        ulong isNoLetter = ((letter + 0x7979797979797979) | ~(letter + ~HighBits)) & HighBits;

        ulong halves = (bytes & 0x0F0F0F0F0F0F0F0F) + (9 * ((bytes >> 6) & 0x0101010101010101));
        halves = (halves | (halves >> 4)) & 0x00FF00FF00FF00FF;
        halves = (halves | (halves >> 8)) & 0x0000FFFF0000FFFF;
        value = (uint)(halves | (halves >> 16));
        return ((bytes & HighBits) | (isNoDigit & isNoLetter)) == 0;
    }

    /// <summary>Returns eight digits, the first in the highest byte.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Format(uint value)
    {
        ulong halves = value;
        halves = (halves | (halves << 16)) & 0x0000FFFF0000FFFF;
        halves = (halves | (halves << 8)) & 0x00FF00FF00FF00FF;
        halves = (halves | (halves << 4)) & 0x0F0F0F0F0F0F0F0F;
        ulong isLetter = ((halves + 0x0606060606060606) >> 4) & 0x0101010101010101;
        return halves + 0x3030303030303030 + (isLetter * ('a' - '0' - 10));
    }
}
