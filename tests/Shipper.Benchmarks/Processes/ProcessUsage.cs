using System.Globalization;

namespace Shipper.Benchmarks.Processes;

/// <summary>The resource usage of a process and of those of its descendants that still run.</summary>
/// <param name="CpuSeconds">Exact CPU time.</param>
/// <param name="SystemSeconds">CPU time in the kernel. Its share of the total comes from counters in hundredths of a second.</param>
/// <param name="ResidentBytes">Resident memory.</param>
/// <param name="PeakResidentBytes">Highest resident memory so far.</param>
internal sealed record ProcessUsage(double CpuSeconds, double SystemSeconds, long ResidentBytes, long PeakResidentBytes)
{
    private static readonly ProcessUsage None = new(0, 0, 0, 0);

    public static ProcessUsage Read(int process)
    {
        try
        {
            return Directory.EnumerateDirectories($"/proc/{process}/task")
                .Select(task => Path.Combine(task, "children"))
                .Where(File.Exists)
                .SelectMany(children => File.ReadAllText(children).Split(' ', StringSplitOptions.RemoveEmptyEntries))
                .Select(child => Read(int.Parse(child, CultureInfo.InvariantCulture)))
                .Aggregate(ReadOne(process), (sum, child) => sum + child);
        }
        catch (IOException)
        {
            return None;
        }
    }

    public static ProcessUsage operator +(ProcessUsage a, ProcessUsage b) => new(
        a.CpuSeconds + b.CpuSeconds,
        a.SystemSeconds + b.SystemSeconds,
        a.ResidentBytes + b.ResidentBytes,
        a.PeakResidentBytes + b.PeakResidentBytes);

    private static ProcessUsage ReadOne(int process)
    {
        string stat = File.ReadAllText($"/proc/{process}/stat");
        string[] fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        double user = double.Parse(fields[11], CultureInfo.InvariantCulture);
        double system = double.Parse(fields[12], CultureInfo.InvariantCulture);
        double seconds = ProcessClock.ReadSeconds(process);

        // The sum of all mappings is exact, while VmRSS lags. VmHWM is the maximum of VmRSS, and so can be too low.
        long resident = ReadKilobytes($"/proc/{process}/smaps_rollup", "Rss:");
        long peak = ReadKilobytes($"/proc/{process}/status", "VmHWM:");
        return new ProcessUsage(seconds, user + system > 0 ? seconds * system / (user + system) : 0, resident, Math.Max(resident, peak));
    }

    private static long ReadKilobytes(string file, string name)
    {
        string? line = File.ReadLines(file).FirstOrDefault(line => line.StartsWith(name, StringComparison.Ordinal));
        return line is null ? 0 : 1024 * long.Parse(line.AsSpan(name.Length).Trim("\t k B"), CultureInfo.InvariantCulture);
    }
}
