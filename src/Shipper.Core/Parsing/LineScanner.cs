using System.Numerics;
using System.Runtime.Intrinsics;

namespace Shipper.Parsing;

/// <summary>Finds where lines end.</summary>
internal static class LineScanner
{
    private const int StepBytes = 2 * 16;

    /// <summary>Finds the first newline, and tells whether all before it is ASCII, so that nobody has to look at the line again for that.</summary>
    /// <param name="text">The text.</param>
    /// <param name="isAscii">True where no byte before the newline is above 127; false where there is no newline.</param>
    /// <returns>Where the newline is; -1 where there is none.</returns>
    public static unsafe int IndexOfNewline(ReadOnlySpan<byte> text, out bool isAscii)
    {
        Vector128<byte> newline = Vector128.Create((byte)'\n');
        Vector128<byte> seen = Vector128<byte>.Zero;
        int position = 0;
        fixed (byte* start = text)
        {
            for (; position <= text.Length - StepBytes; position += StepBytes)
            {
                Vector128<byte> first = Vector128.Load(start + position);
                Vector128<byte> second = Vector128.Load(start + position + 16);
                Vector128<byte> isFirst = Vector128.Equals(first, newline);
                Vector128<byte> isSecond = Vector128.Equals(second, newline);
                if ((isFirst | isSecond) != Vector128<byte>.Zero)
                {
                    int before = BitOperations.TrailingZeroCount(Mask(isFirst, isSecond));
                    isAscii = (Mask(first, second) & ((1U << before) - 1)) == 0 && seen.ExtractMostSignificantBits() == 0;
                    return position + before;
                }

                seen |= first | second;
            }
        }

        int length = text[position..].IndexOf((byte)'\n');
        isAscii = length >= 0 && seen.ExtractMostSignificantBits() == 0 && System.Text.Ascii.IsValid(text.Slice(position, length));
        return length < 0 ? -1 : position + length;
    }

    private static uint Mask(Vector128<byte> first, Vector128<byte> second) =>
        first.ExtractMostSignificantBits() | (second.ExtractMostSignificantBits() << 16);
}
