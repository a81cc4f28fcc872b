using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Shipper.Native;

/// <summary>Opens log files, and refuses other kinds of files.</summary>
internal static class LogFileOpener
{
    /// <summary>
    /// Opens a regular file for reading. Never blocks: open(2) would wait forever for the writer of a FIFO, so the file is opened non-blocking, and closed
    /// again if it is not a regular file.
    /// </summary>
    /// <returns>0 and the open file; or an error number; or 0 and no handle if it is not a regular file, with its kind in
    /// <paramref name="status"/>.</returns>
    public static int Open(string path, out SafeFileHandle? handle, out FileStatus status)
    {
        handle = null;
        status = default;
        const int Flags = Libc.OpenReadOnly | Libc.OpenNonBlocking | Libc.OpenNoControllingTerminal | Libc.OpenCloseOnExec;

        // Without this flag each read of a file that was written to changes its inode, which was a tenth of the cost of many slow files.
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
