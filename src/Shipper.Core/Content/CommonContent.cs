using Microsoft.Win32.SafeHandles;

namespace Shipper.Content;

/// <summary>
/// Finds out how much content a log and its copy have in common after one or both were written to. A binary search compares single blocks: behind the first
/// difference the files don't agree again.
/// </summary>
internal static class CommonContent
{
    /// <summary>Bytes that <see cref="AreEqualBefore"/> compares.</summary>
    public const int BlockBytes = 4096;

    /// <summary>Logs that have nothing to do with each other may begin with the same heading, but no heading is this long.</summary>
    public const int SurelyCopied = 1024;

    /// <summary>Finds where the common content of two files ends.</summary>
    /// <param name="file">A log's file.</param>
    /// <param name="size">Its length.</param>
    /// <param name="other">Another that begins alike.</param>
    /// <param name="otherSize">Its length.</param>
    /// <param name="mayBeHeading">True if logs begin alike that have nothing to do with each other.</param>
    /// <returns>A place where a line begins, or where one of the files ends; 0 if one is no copy of the other.</returns>
    /// <exception cref="IOException">One can't be read.</exception>
    public static long Find(SafeFileHandle file, long size, SafeFileHandle other, long otherSize, bool mayBeHeading)
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

        return mayBeHeading && end < SurelyCopied && end < size ? 0 : end;
    }

    /// <summary>Tells whether two files have the same bytes in the block before a place.</summary>
    /// <returns>False if one of them ends before it.</returns>
    /// <exception cref="IOException">One can't be read.</exception>
    public static bool AreEqualBefore(SafeFileHandle file, SafeFileHandle other, long end)
    {
        Span<byte> ours = stackalloc byte[BlockBytes];
        Span<byte> theirs = stackalloc byte[BlockBytes];
        long start = Math.Max(0, end - BlockBytes);
        int length = (int)(end - start);
        return RandomAccess.Read(file, ours[..length], start) == length && RandomAccess.Read(other, theirs[..length], start) == length
            && ours[..length].SequenceEqual(theirs[..length]);
    }

    /// <summary>Finds the first line that differs, in the block behind a place or before it.</summary>
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
