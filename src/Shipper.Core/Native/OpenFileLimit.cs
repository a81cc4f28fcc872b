using Microsoft.Win32.SafeHandles;

namespace Shipper.Native;

/// <summary>
/// The number of files that this process may have open. A node has up to a few thousand log files, and NativeAOT leaves the limit at its soft value, usually
/// 1,024.
/// </summary>
internal static class OpenFileLimit
{
    /// <summary>
    /// Smallest limit that the agent can work with: an idle agent has 16 descriptors open, 16 are reserved, and some logs need a descriptor each.
    /// </summary>
    public const ulong Min = 40;

    // For connections, checkpoints and listings, and to open briefly each file that can't stay open.
    private const ulong MinReserved = 16;
    private const ulong MaxReserved = 128;

    /// <summary>The limit in effect; <see cref="ulong.MaxValue"/> if there is none, or before <see cref="Raise"/>.</summary>
    public static ulong Current { get; private set; } = ulong.MaxValue;

    /// <summary>Number of descriptors that log files must leave free for everything else.</summary>
    public static ulong Reserved => Math.Clamp(Current / 4, MinReserved, MaxReserved);

    // Log files may keep only descriptors below this number. The kernel assigns the lowest free number.
    private static int _firstReserved = int.MaxValue;

    /// <summary>Raises the soft limit to the hard one.</summary>
    /// <returns>The limit in effect; <see cref="ulong.MaxValue"/> if there is none.</returns>
    public static ulong Raise()
    {
        if (Libc.GetResourceLimit(Libc.ResourceOpenFiles, out Libc.ResourceLimit limit) != 0)
        {
            return ulong.MaxValue;
        }

        var raised = limit with { Soft = limit.Hard };
        Current = Libc.SetResourceLimit(Libc.ResourceOpenFiles, in raised) == 0 ? raised.Soft : limit.Soft;
        _firstReserved = (int)Math.Min(Current - Math.Min(Current, Reserved), int.MaxValue);
        return Current;
    }

    /// <summary>Returns true if a log file must not keep this descriptor.</summary>
    public static bool IsReserved(SafeFileHandle handle) => (int)handle.DangerousGetHandle() >= _firstReserved;
}
