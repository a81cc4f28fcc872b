using System.Buffers;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Shipper.Native;

/// <summary>
/// Finds the end of a run of NUL bytes in a file. The run may be a hole, left by a truncation under a writer that does not append or reserved with
/// fallocate(2), or may replace a block that a power loss destroyed. Holes of any size are skipped without reading them.
/// </summary>
internal static class NulBytes
{
    private const int BlockBytes = 64 * 1024;

    /// <summary>Finds the first byte that is not NUL.</summary>
    /// <param name="handle">The open file.</param>
    /// <param name="offset">Offset at which the search begins.</param>
    /// <param name="end">The offset of that byte or, if there is none, of the end of the file.</param>
    /// <returns>False if only NULs follow, or nothing.</returns>
    /// <exception cref="IOException">The file can't be read.</exception>
    public static bool TryFindNonNul(SafeFileHandle handle, long offset, out long end)
    {
        end = offset;
        byte[] block = ArrayPool<byte>.Shared.Rent(BlockBytes);
        try
        {
            while (TrySkipHole(handle, ref end))
            {
                int length = RandomAccess.Read(handle, block.AsSpan(0, BlockBytes), end);
                if (length == 0)
                {
                    return false;
                }

                int other = block.AsSpan(0, length).IndexOfAnyExcept((byte)0);
                end += other < 0 ? length : other;
                if (other >= 0)
                {
                    return true;
                }
            }

            return false;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(block);
        }
    }

    /// <summary>Returns true if the file has a NUL byte at an offset.</summary>
    /// <exception cref="IOException">The file can't be read.</exception>
    public static bool IsAt(SafeFileHandle handle, long offset)
    {
        Span<byte> found = stackalloc byte[1];
        return RandomAccess.Read(handle, found, offset) == 1 && found[0] == 0;
    }

    /// <returns>False if only a hole follows; <paramref name="offset"/> is then the end of the file.</returns>
    private static bool TrySkipHole(SafeFileHandle handle, ref long offset)
    {
        // Read the size first: bytes that are written after the search for data are not part of the hole.
        if (FileStatus.OfHandle(handle, out FileStatus status) != 0)
        {
            return true;
        }

        long data = Libc.Seek((int)handle.DangerousGetHandle(), offset, Libc.SeekData);
        if (data >= 0)
        {
            offset = Math.Max(offset, data);
            return true;
        }

        // After any other error, read the NULs: not every file system supports holes.
        if (Marshal.GetLastPInvokeError() != Libc.ErrorNoDevice)
        {
            return true;
        }

        offset = Math.Max(offset, status.Size);
        return false;
    }
}
