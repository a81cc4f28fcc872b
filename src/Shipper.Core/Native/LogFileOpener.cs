using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Shipper.Native;

/// <summary>Opens log files, and nothing that only looks like one.</summary>
internal static class LogFileOpener
{
    /// <summary>
    /// Opens a regular file for reading. Never blocks: a FIFO without a writer would hold up open(2) for ever, so the file
    /// is opened non-blocking and what is not a regular file is closed again.
    /// </summary>
    /// <returns>0 and the open file; or an error number; or 0 and no handle where it is no regular file, with
    /// <paramref name="status"/> saying what it is.</returns>
    public static int Open(string path, out SafeFileHandle? handle, out FileStatus status)
    {
        handle = null;
        status = default;
        const int Flags = Libc.OpenReadOnly | Libc.OpenNonBlocking | Libc.OpenNoControllingTerminal | Libc.OpenCloseOnExec;

        // Else each read of a file that was written to changes its inode, which was a tenth of what many slow files cost.
        int descriptor = Libc.Open(path, Flags | Libc.OpenNoAccessTime);
        if (descriptor < 0 && Marshal.GetLastPInvokeError() == Libc.ErrorNotPermitted)
        {
            descriptor = Libc.Open(path, Flags);
        }

        if (descriptor < 0)
        {
            return Marshal.GetLastPInvokeError();
        }

        var opened = new SafeFileHandle(descriptor, ownsHandle: true);
        int error = FileStatus.OfHandle(opened, out status);
        if (error != 0 || status.Kind != FileKind.Regular)
        {
            opened.Dispose();
            return error;
        }

        handle = opened;
        return 0;
    }
}
