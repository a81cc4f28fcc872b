using System.Globalization;
using Shipper.Benchmarks.Receiving;

namespace Shipper.Benchmarks.Suite;

/// <summary>One agent, once, in one scenario.</summary>
/// <param name="Agent">Its name.</param>
/// <param name="Scenario">The scenario's name.</param>
/// <param name="Lines">Lines of the time that was measured.</param>
/// <param name="InputBytes">Bytes of all files.</param>
/// <param name="Seconds">The time that was measured.</param>
/// <param name="CpuSeconds">CPU time in it.</param>
/// <param name="SystemSeconds">That in the kernel.</param>
/// <param name="ResidentBytes">Resident memory at its end.</param>
/// <param name="PeakResidentBytes">The most resident memory since the start.</param>
/// <param name="ReceiverCpuSeconds">CPU time of the receiver since the start.</param>
/// <param name="Received">What the receiver saw since the start.</param>
/// <param name="Audit">What is missing of what was written.</param>
internal sealed record TrialResult(
    string Agent,
    string Scenario,
    long Lines,
    long InputBytes,
    double Seconds,
    double CpuSeconds,
    double SystemSeconds,
    long ResidentBytes,
    long PeakResidentBytes,
    double ReceiverCpuSeconds,
    ReceiverReport Received,
    AuditReport Audit)
{
    private const double BytesPerMb = 1_000_000;
    private const double BytesPerMiB = 1024 * 1024;

    public double LinesPerCpuSecond => Lines / CpuSeconds;

    public double MbPerSecond => InputBytes / BytesPerMb / Seconds;

    /// <summary>CPU time as a part of one core.</summary>
    public double Cores => CpuSeconds / Seconds;

    public double PeakMiB => PeakResidentBytes / BytesPerMiB;

    public double ResidentMiB => ResidentBytes / BytesPerMiB;

    public double WireMb => Received.WireBytes / BytesPerMb;

    /// <summary>Whether every line came once, in order, in its stream.</summary>
    public bool IsClean => Audit.Lost == 0 && Received is { Twice: 0, OutOfOrder: 0, Misplaced: 0, Unreadable: 0 };

    /// <summary>What is wrong with what came.</summary>
    public string Faults => string.Create(
        CultureInfo.InvariantCulture,
        $"{Audit.Lost} lost{(Audit.First is null ? "" : $" (the first: {Audit.First})")}, {Received.Twice} twice, {Received.OutOfOrder} out of order, {Received.Misplaced} in the wrong stream, {Received.Unreadable} unreadable");
}
