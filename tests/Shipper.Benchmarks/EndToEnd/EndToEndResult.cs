using System.Globalization;
using System.Runtime.InteropServices;

namespace Shipper.Benchmarks.EndToEnd;

/// <summary>One end-to-end measurement.</summary>
internal sealed record EndToEndResult(
    long Lines,
    double InputMb,
    double LinesPerCpuSecond,
    double MbPerSecond,
    double CpuSeconds,
    double UserSeconds,
    double SystemSeconds,
    double PeakMiB,
    double IdleMiB,
    double WireMb,
    double StartToFirstPushMs,
    long Lost,
    long Twice,
    long OutOfOrder)
{
    /// <summary>What it ran on.</summary>
    public static string Machine
    {
        get
        {
            string model = File.ReadLines("/proc/cpuinfo").FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal))?.Split(':')[1].Trim() ?? "unknown CPU";
            return $"{model}, {Environment.ProcessorCount} cores, {RuntimeInformation.OSDescription}";
        }
    }

    public string ToTable() => string.Create(CultureInfo.InvariantCulture, $"""
        | what | measured |
        |---|---|
        | lines | {Lines:N0} ({InputMb:N0} MB) |
        | lines per CPU second | {LinesPerCpuSecond:N0} |
        | throughput | {MbPerSecond:N0} MB/s |
        | CPU | {CpuSeconds:N2} s ({UserSeconds:N2} user, {SystemSeconds:N2} system) |
        | peak resident memory | {PeakMiB:N1} MiB |
        | resident memory, idle | {IdleMiB:N1} MiB |
        | on the wire | {WireMb:N1} MB |
        | start to first push | {StartToFirstPushMs:N0} ms |
        | lost / twice / out of order | {Lost} / {Twice} / {OutOfOrder} |
        """);
}
