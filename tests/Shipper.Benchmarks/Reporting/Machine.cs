using System.Globalization;
using System.Runtime.InteropServices;

namespace Shipper.Benchmarks.Reporting;

/// <summary>Describes the machine of the measurements.</summary>
internal static class Machine
{
    /// <summary>Returns the load average of the last minute. Read before the runs, it shows what else the machine was doing.</summary>
    public static string ReadLoad() => File.ReadAllText("/proc/loadavg").Split(' ')[0];

    public static string Describe()
    {
        string model = Find("/proc/cpuinfo", "model name") ?? "unknown CPU";
        string kilobytes = Find("/proc/meminfo", "MemTotal")?.Split(' ')[0] ?? "0";
        double gib = double.Parse(kilobytes, CultureInfo.InvariantCulture) / (1024 * 1024);
        string kernel = File.ReadAllText("/proc/sys/kernel/osrelease").Trim();
        string temporary = new DriveInfo(Path.GetTempPath()).DriveFormat;
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{model}, {Environment.ProcessorCount} CPUs, {gib:0} GiB of memory, {RuntimeInformation.OSDescription}, Linux {kernel}, inputs on {temporary}, .NET {Environment.Version} for the measuring side");
    }

    private static string? Find(string file, string name) =>
        File.ReadLines(file).FirstOrDefault(line => line.StartsWith(name, StringComparison.Ordinal))?.Split(':')[1].Trim();
}
