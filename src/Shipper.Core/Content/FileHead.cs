using Microsoft.Win32.SafeHandles;
using Shipper.Native;

namespace Shipper.Content;

/// <summary>
/// The first bytes of a plain file's content, by which it is recognised. NULs before and behind them do not count: a hole that a truncation
/// left says nothing of the content, and in place of NULs at its end something may still be written.
/// </summary>
internal static class FileHead
{
    /// <summary>Reads it.</summary>
    /// <param name="handle">The file.</param>
    /// <param name="head">Gets the bytes.</param>
    /// <param name="start">Where the content begins; 0 if that is not known yet. It is set once it is known.</param>
    /// <returns>Bytes read.</returns>
    /// <exception cref="IOException">The file can't be read.</exception>
    public static int Read(SafeFileHandle handle, Span<byte> head, ref long start)
    {
        int length = RandomAccess.Read(handle, head, start);
        if (start == 0 && length > 0 && head[0] == 0)
        {
            if (!NulBytes.TryFindOther(handle, 0, out long content))
            {
                return 0;
            }

            start = content;
            length = RandomAccess.Read(handle, head, start);
        }

        return WithoutNulsBehind(head[..length]);
    }

    /// <summary>Tells how long a head is without the NULs at its end.</summary>
    public static int WithoutNulsBehind(ReadOnlySpan<byte> head) => head.LastIndexOfAnyExcept((byte)0) + 1;
}
