namespace Shipper.Native;

/// <summary>Tells the machine's boots apart.</summary>
internal static class MachineBoot
{
    private const string Path = "/proc/sys/kernel/random/boot_id";

    /// <summary>The identity of this boot, random (proc_sys_kernel(5)); "unknown" where the kernel does not tell.</summary>
    public static string Id { get; } = Read();

    private static string Read()
    {
        try
        {
            return File.ReadAllText(Path).Trim();
        }
        catch (Exception e) when (IoFailure.Is(e))
        {
            // Then every start is taken for one of the same boot.
            return "unknown";
        }
    }
}
