using System.Runtime.InteropServices;
using System.Text;

namespace Shipper.Native;

/// <summary>Resolves the symbolic links of paths.</summary>
internal static unsafe class RealPath
{
    /// <summary>Resolves all symbolic links of a path.</summary>
    /// <returns>0, or the error number of realpath(3).</returns>
    public static int Resolve(string path, out string resolved)
    {
        byte* buffer = stackalloc byte[Libc.PathMax];
        if (Libc.RealPath(path, buffer) is null)
        {
            resolved = "";
            return Marshal.GetLastPInvokeError();
        }

        resolved = Encoding.UTF8.GetString(MemoryUntilNul(buffer));
        return 0;
    }

    private static ReadOnlySpan<byte> MemoryUntilNul(byte* text)
    {
        var buffer = new ReadOnlySpan<byte>(text, Libc.PathMax);
        return buffer[..buffer.IndexOf((byte)0)];
    }
}
