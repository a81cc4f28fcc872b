using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Shipper.Processing.Levels;

/// <summary>Short searches, inlined: in a few dozen bytes, a call of the library's search costs more than the search itself.</summary>
internal static class ByteSearch
{
    /// <summary>Returns the position of a byte in part of a text; -1 if it is not there.</summary>
    /// <param name="at">Where the part begins.</param>
    /// <param name="end">Where it ends, at most at the end of the text.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int IndexOf(ReadOnlySpan<byte> text, int at, int end, byte wanted)
    {
        while (at + Vector128<byte>.Count <= end)
        {
            uint found = Vector128.Equals(Vector128.Create(text.Slice(at, Vector128<byte>.Count)), Vector128.Create(wanted)).ExtractMostSignificantBits();
            if (found != 0)
            {
                return at + BitOperations.TrailingZeroCount(found);
            }

            at += Vector128<byte>.Count;
        }

        for (; at < end; at++)
        {
            if (text[at] == wanted)
            {
                return at;
            }
        }

        return -1;
    }
}
