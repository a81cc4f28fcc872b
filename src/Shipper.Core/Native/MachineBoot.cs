namespace Shipper.Native;

/// <summary>Distinguishes the boots of the machine.</summary>
internal static class MachineBoot
{
    private const string Path = "/proc/sys/kernel/random/boot_id";

    /// <summary>The random id of this boot (proc_sys_kernel(5)); "unknown" if the kernel does not provide it.</summary>
    public static string Id { get; } = Read();

    private static string Read()
    {
        try
        {
            return File.ReadAllText(Path).Trim();
        }
        catch (Exception e) when (IoFailure.Is(e))
        {
            // All starts then count as being in the same boot.
            return "unknown";
        }
    }
}
