using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Shipper.Native;

/// <summary>The status of a file from statx(2): its identity, its length, and how many names lead to it.</summary>
/// <param name="Device">Number of the device that holds the file.</param>
/// <param name="Inode">Inode number; only meaningful together with <paramref name="Device"/>, and reused by the kernel
/// as soon as the file is deleted and closed.</param>
/// <param name="Size">Length in bytes.</param>
/// <param name="Links">Number of names; 0 if the file was deleted and is still open.</param>
/// <param name="Kind">The type of the file.</param>
/// <param name="ModifiedNs">Last modification, in nanoseconds since 1970.</param>
/// <param name="AllocatedBytes">Bytes allocated on the device.</param>
/// <param name="ChangedNs">Last change of the content or of the inode (name, owner, mode), in nanoseconds since 1970.</param>
/// <param name="CreatedNs">When the file was created, in nanoseconds since 1970; 0 if the file system does not store it.</param>
internal readonly record struct FileStatus(
    ulong Device, ulong Inode, long Size, uint Links, FileKind Kind, long ModifiedNs, long AllocatedBytes, long ChangedNs, long CreatedNs)
{
    private const int ModeTypeMask = 0xF000;
    private const int BytesPerBlock = 512;
    private const long NanosecondsPerSecond = 1_000_000_000;

    /// <summary>
    /// Returns true if both describe the same file. If the file system stores creation times, a new file with the inode of a deleted one is recognized as a
    /// different file.
    /// </summary>
    public bool IsSameFile(FileStatus other) => Inode == other.Inode && Device == other.Device && CreatedNs == other.CreatedNs;

    /// <summary>Returns true if the file is known to have been created after some facts were stored, so that the facts can't be about this file.</summary>
    /// <param name="writtenNs">When the facts were stored, in nanoseconds since 1970; 0 if unknown.</param>
    public bool IsYoungerThan(long writtenNs) => writtenNs > 0 && CreatedNs > writtenNs;

    /// <summary>Reads the status of an open file.</summary>
    /// <returns>0, or the error number of statx(2).</returns>
    public static unsafe int OfHandle(SafeFileHandle handle, out FileStatus status)
    {
        byte emptyPath = 0;
        int result = Libc.Statx((int)handle.DangerousGetHandle(), &emptyPath, Libc.AtEmptyPath, Libc.StatxWithBirth, out Libc.StatxBuffer buffer);
        return ToStatus(result, in buffer, out status);
    }

    /// <summary>Reads the status of the file at a path, following symbolic links.</summary>
    /// <returns>0, or the error number of statx(2).</returns>
    public static int OfPath(string path, out FileStatus status)
    {
        int result = Libc.Statx(Libc.AtCurrentDirectory, path, 0, Libc.StatxWithBirth, out Libc.StatxBuffer buffer);
        return ToStatus(result, in buffer, out status);
    }

    /// <summary>Reads the status of the file at a path without following a symbolic link.</summary>
    /// <returns>0, or the error number of statx(2).</returns>
    public static int OfLink(string path, out FileStatus status)
    {
        int result = Libc.Statx(Libc.AtCurrentDirectory, path, Libc.AtSymlinkNoFollow, Libc.StatxWithBirth, out Libc.StatxBuffer buffer);
        return ToStatus(result, in buffer, out status);
    }

    private static int ToStatus(int result, in Libc.StatxBuffer buffer, out FileStatus status)
    {
        if (result != 0)
        {
            status = default;
            return Marshal.GetLastPInvokeError();
        }

        status = new FileStatus(
            ((ulong)buffer.DeviceMajor << 32) | buffer.DeviceMinor,
            buffer.Inode,
            (long)buffer.Size,
            buffer.Links,
            (FileKind)(buffer.Mode & ModeTypeMask),
            Nanoseconds(buffer.Modification),
            (long)buffer.Blocks * BytesPerBlock,
            Nanoseconds(buffer.Change),
            (buffer.Mask & Libc.StatxBirth) != 0 ? Nanoseconds(buffer.Birth) : 0);
        return 0;
    }

    private static long Nanoseconds(Libc.StatxTime time) => (time.Seconds * NanosecondsPerSecond) + time.Nanoseconds;
}
