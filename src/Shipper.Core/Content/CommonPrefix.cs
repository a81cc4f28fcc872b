using Microsoft.Win32.SafeHandles;

namespace Shipper.Content;

/// <summary>
/// Finds how much content a log and its copy have in common after one or both were written to: a binary search that compares single blocks, because the files
/// never agree again after their first difference.
/// </summary>
internal static class CommonPrefix
{
    /// <summary>Maximum number of bytes that <see cref="AreEqualBefore"/> compares.</summary>
    public const int BlockBytes = 4096;

    /// <summary>Number of equal bytes that only a copy has. Unrelated logs may begin with the same heading, but no heading is this long.</summary>
    public const int MaxHeadingBytes = 1024;

    /// <summary>Finds the end of the common content of two files.</summary>
    /// <param name="file">A log's file.</param>
    /// <param name="size">Its length in bytes.</param>
    /// <param name="other">Another file that starts with the same bytes.</param>
    /// <param name="otherSize">Its length in bytes.</param>
    /// <param name="mayBeHeading">True if unrelated logs may start with the same bytes.</param>
    /// <returns>An offset at which a line begins or one of the files ends; 0 if neither file is a copy of the other.</returns>
    /// <exception cref="IOException">A file can't be read.</exception>
    public static long FindEnd(SafeFileHandle file, long size, SafeFileHandle other, long otherSize, bool mayBeHeading)
    {
        long end = Math.Min(size, otherSize);
        if (!AreEqualBefore(file, other, end))
        {
            long same = 0;
            for (long different = end; different - same > BlockBytes;)
            {
                long middle = same + ((different - same) / 2);
                (same, different) = AreEqualBefore(file, other, middle) ? (middle, different) : (same, middle);
            }

            end = FindLineStart(file, other, same);
        }

        return mayBeHeading && end < MaxHeadingBytes && end < size ? 0 : end;
    }

    /// <summary>Returns true if two files have the same bytes in the block before an offset. False also if one of the files ends before the offset.</summary>
    /// <exception cref="IOException">A file can't be read.</exception>
    public static bool AreEqualBefore(SafeFileHandle file, SafeFileHandle other, long end)
    {
        Span<byte> ours = stackalloc byte[BlockBytes];
        Span<byte> theirs = stackalloc byte[BlockBytes];
        long start = Math.Max(0, end - BlockBytes);
        int length = (int)(end - start);
        return RandomAccess.Read(file, ours[..length], start) == length && RandomAccess.Read(other, theirs[..length], start) == length
            && ours[..length].SequenceEqual(theirs[..length]);
    }

    /// <summary>Finds the first line that differs, in the blocks around an offset.</summary>
    private static long FindLineStart(SafeFileHandle file, SafeFileHandle other, long same)
    {
        Span<byte> ours = stackalloc byte[2 * BlockBytes];
        Span<byte> theirs = stackalloc byte[2 * BlockBytes];
        long start = Math.Max(0, same - BlockBytes);
        ours = ours[..RandomAccess.Read(file, ours, start)];
        theirs = theirs[..RandomAccess.Read(other, theirs, start)];
        int common = ours.CommonPrefixLength(theirs);
        return start + ours[..common].LastIndexOf((byte)'\n') + 1;
    }
}
