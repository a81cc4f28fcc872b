using System.Globalization;
using Shipper.Native;

namespace Shipper.Telemetry;

/// <summary>
/// The <c>process_*</c> metrics that every Prometheus client library exposes, read from /proc/self. Source of their names and meanings:
/// https://prometheus.io/docs/instrumenting/writing_clientlibs/#process-metrics.
/// </summary>
internal static class ProcessMetrics
{
    // USER_HZ. Linux fixes it at 100 for user space.
    private const double TicksPerSecond = 100;

    // Fields of proc_pid_stat(5), counted from 0 after the name in parentheses.
    private const int UserTimeField = 11;
    private const int SystemTimeField = 12;
    private const int StartTimeField = 19;
    private const int VirtualBytesField = 20;
    private const int ResidentPagesField = 21;

    /// <summary>User and system CPU time spent, in seconds.</summary>
    public static double CpuSeconds => (ReadStat(UserTimeField) + ReadStat(SystemTimeField)) / TicksPerSecond;

    /// <summary>Resident memory size, in bytes.</summary>
    public static long ResidentBytes => (long)ReadStat(ResidentPagesField) * Environment.SystemPageSize;

    public static IEnumerable<Metric> All =>
    [
        new Gauge("process_cpu_seconds_total", "Total user and system CPU time spent, in seconds.", () => CpuSeconds, "counter"),
        new Gauge("process_resident_memory_bytes", "Resident memory size, in bytes.", () => ResidentBytes),
        new Gauge("process_virtual_memory_bytes", "Virtual memory size, in bytes.", () => ReadStat(VirtualBytesField)),
        new Gauge("process_start_time_seconds", "Start time of the process, in seconds since the Unix epoch.", () => ReadBootTime() + (ReadStat(StartTimeField) / TicksPerSecond)),
        new Gauge("process_open_fds", "Number of open file descriptors.", () => Directory.EnumerateFileSystemEntries("/proc/self/fd").Count()),
        new Gauge("process_max_fds", "Maximum number of open file descriptors.", ReadOpenFileLimit),
    ];

    private static double ReadStat(int field)
    {
        string stat = File.ReadAllText("/proc/self/stat");
        string[] fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        return double.Parse(fields[field], CultureInfo.InvariantCulture);
    }

    private static double ReadBootTime()
    {
        const string Prefix = "btime ";
        string line = File.ReadLines("/proc/stat").First(line => line.StartsWith(Prefix, StringComparison.Ordinal));
        return double.Parse(line.AsSpan(Prefix.Length), CultureInfo.InvariantCulture);
    }

    private static double ReadOpenFileLimit() =>
        Libc.GetResourceLimit(Libc.ResourceOpenFiles, out Libc.ResourceLimit limit) == 0 ? limit.Soft : 0;
}
