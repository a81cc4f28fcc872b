using System.Globalization;

namespace Shipper.Benchmarks.EndToEnd;

/// <summary>What the kernel accounts to a process.</summary>
/// <param name="UserSeconds">CPU time in user space.</param>
/// <param name="SystemSeconds">CPU time in the kernel.</param>
/// <param name="ResidentBytes">Resident memory.</param>
/// <param name="PeakResidentBytes">The most resident memory there was.</param>
internal sealed record ProcessUsage(double UserSeconds, double SystemSeconds, long ResidentBytes, long PeakResidentBytes)
{
    private const double TicksPerSecond = 100;

    public double CpuSeconds => UserSeconds + SystemSeconds;

    public static ProcessUsage Read(int process)
    {
        string stat = File.ReadAllText($"/proc/{process}/stat");
        string[] fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        string[] status = File.ReadAllLines($"/proc/{process}/status");
        return new ProcessUsage(
            double.Parse(fields[11], CultureInfo.InvariantCulture) / TicksPerSecond,
            double.Parse(fields[12], CultureInfo.InvariantCulture) / TicksPerSecond,
            ReadKilobytes(status, "VmRSS:"),
            ReadKilobytes(status, "VmHWM:"));
    }

    private static long ReadKilobytes(string[] status, string name)
    {
        string line = status.First(line => line.StartsWith(name, StringComparison.Ordinal));
        return 1024 * long.Parse(line.AsSpan(name.Length).Trim("\t k B"), CultureInfo.InvariantCulture);
    }
}
