using System.Numerics;
using System.Runtime.Intrinsics;

namespace Shipper.Parsing;

/// <summary>Finds the ends of lines.</summary>
internal static class LineScanner
{
    private const int StepBytes = 2 * 16;

    /// <summary>
    /// Finds the first newline. In the same pass checks whether everything before it is ASCII without NULs, so that the line need not be scanned again.
    /// </summary>
    /// <param name="isText">True if every byte before the newline is ASCII and none is NUL; false if there is no newline.</param>
    /// <returns>Index of the newline; -1 if there is none.</returns>
    public static unsafe int IndexOfNewline(ReadOnlySpan<byte> text, out bool isText)
    {
        Vector128<byte> newline = Vector128.Create((byte)'\n');

        // As signed numbers, bytes above 127 are negative. So the minimum reveals both these bytes and NUL.
        Vector128<sbyte> least = Vector128.Create(sbyte.MaxValue);
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
                    isText = (Mask(IsOther(first), IsOther(second)) & ((1U << before) - 1)) == 0 && IsOther(least) == Vector128<byte>.Zero;
                    return position + before;
                }

                least = Vector128.Min(least, Vector128.Min(first.AsSByte(), second.AsSByte()));
            }
        }

        int length = text[position..].IndexOf((byte)'\n');
        isText = length >= 0 && IsOther(least) == Vector128<byte>.Zero && !text.Slice(position, length).ContainsAnyExceptInRange((byte)1, (byte)127);
        return length < 0 ? -1 : position + length;
    }

    private static Vector128<byte> IsOther(Vector128<byte> bytes) => IsOther(bytes.AsSByte());

    private static Vector128<byte> IsOther(Vector128<sbyte> bytes) => Vector128.LessThan(bytes, Vector128<sbyte>.One).AsByte();

    private static uint Mask(Vector128<byte> first, Vector128<byte> second) =>
        first.ExtractMostSignificantBits() | (second.ExtractMostSignificantBits() << 16);
}
