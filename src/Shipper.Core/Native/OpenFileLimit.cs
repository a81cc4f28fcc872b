namespace Shipper.Native;

/// <summary>
/// The number of files this process may have open. A node has up to a few thousand log files and NativeAOT leaves the
/// limit at its soft value, usually 1,024.
/// </summary>
internal static class OpenFileLimit
{
    private const int MaxReserved = 128;

    /// <summary>
    /// Log files may have descriptors below this: the rest is for what brings them away, such as connections and checkpoints. The
    /// kernel gives out the lowest that is free.
    /// </summary>
    public static int ForLogs { get; private set; } = int.MaxValue;

    /// <summary>Raises the soft limit to the hard one.</summary>
    /// <returns>The limit that holds now; <see cref="ulong.MaxValue"/> where there is none.</returns>
    public static ulong Raise()
    {
        if (Libc.GetResourceLimit(Libc.ResourceOpenFiles, out Libc.ResourceLimit limit) != 0)
        {
            return 0;
        }

        var raised = limit with { Soft = limit.Hard };
        ulong holds = Libc.SetResourceLimit(Libc.ResourceOpenFiles, in raised) == 0 ? raised.Soft : limit.Soft;
        ForLogs = (int)Math.Min(holds - Math.Min(MaxReserved, holds / 4), int.MaxValue);
        return holds;
    }
}
