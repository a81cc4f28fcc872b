using Microsoft.Win32.SafeHandles;
using Shipper.Native;

namespace Shipper.Content;

/// <summary>
/// Reads the first bytes of a plain file's content, by which the file is recognized. Skips NULs before and after them: a hole left by a truncation says
/// nothing about the content, and NULs at the end may still be overwritten.
/// </summary>
internal static class FileHead
{
    /// <summary>Reads the first bytes.</summary>
    /// <param name="handle">The open file.</param>
    /// <param name="head">Receives the bytes.</param>
    /// <param name="start">Offset at which the content begins; 0 if it is unknown. Set once it is known.</param>
    /// <returns>The number of bytes, without the NULs at their end.</returns>
    /// <exception cref="IOException">The file can't be read.</exception>
    public static int Read(SafeFileHandle handle, Span<byte> head, ref long start)
    {
        int length = RandomAccess.Read(handle, head, start);
        if (start == 0 && length > 0 && head[0] == 0)
        {
            if (!NulBytes.TryFindNonNul(handle, 0, out long content))
            {
                return 0;
            }

            start = content;
            length = RandomAccess.Read(handle, head, start);
        }

        return LengthWithoutTrailingNuls(head[..length]);
    }

    /// <summary>Returns the length of a head without the NULs at its end.</summary>
    public static int LengthWithoutTrailingNuls(ReadOnlySpan<byte> head) => head.LastIndexOfAnyExcept((byte)0) + 1;
}
