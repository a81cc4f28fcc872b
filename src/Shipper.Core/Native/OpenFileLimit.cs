namespace Shipper.Native;

/// <summary>
/// The number of files this process may have open. A node has up to a few thousand log files and NativeAOT leaves the
/// limit at its soft value, usually 1,024.
/// </summary>
internal static class OpenFileLimit
{
    /// <summary>Raises the soft limit to the hard one.</summary>
    /// <returns>The limit that holds now; <see cref="ulong.MaxValue"/> where there is none.</returns>
    public static ulong Raise()
    {
        if (Libc.GetResourceLimit(Libc.ResourceOpenFiles, out Libc.ResourceLimit limit) != 0)
        {
            return 0;
        }

        var raised = limit with { Soft = limit.Hard };
        return Libc.SetResourceLimit(Libc.ResourceOpenFiles, in raised) == 0 ? raised.Soft : limit.Soft;
    }
}
