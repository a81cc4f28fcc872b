using System.Globalization;
using Shipper.Benchmarks.Receiving;

namespace Shipper.Benchmarks.Suite;

/// <summary>The result of one run of an agent in a scenario.</summary>
/// <param name="Agent">The name of the agent.</param>
/// <param name="Scenario">The name of the scenario.</param>
/// <param name="Lines">Number of lines in the measured time.</param>
/// <param name="InputBytes">Bytes of all files.</param>
/// <param name="Seconds">The measured time.</param>
/// <param name="CpuSeconds">CPU time in the measured time.</param>
/// <param name="SystemSeconds">CPU time in the kernel.</param>
/// <param name="ResidentBytes">Resident memory at the end.</param>
/// <param name="PeakResidentBytes">Highest resident memory since the start.</param>
/// <param name="ReceiverCpuSeconds">CPU time of the receiver since the start.</param>
/// <param name="Received">What the receiver counted since the start.</param>
/// <param name="Audit">What is missing.</param>
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

    /// <summary>Number of lines of the input that a rule may drop.</summary>
    public long DroppableLines { get; init; }

    /// <summary>Number of lines that the agent dropped, of those that a rule may drop.</summary>
    public long Dropped => DroppableLines - Received.Droppable;

    public double LinesPerCpuSecond => Lines / CpuSeconds;

    public double MbPerSecond => InputBytes / BytesPerMb / Seconds;

    /// <summary>CPU time as a fraction of one core.</summary>
    public double Cores => CpuSeconds / Seconds;

    public double PeakMiB => PeakResidentBytes / BytesPerMiB;

    public double ResidentMiB => ResidentBytes / BytesPerMiB;

    public double WireMb => Received.WireBytes / BytesPerMb;

    /// <summary>True if every line arrived exactly once, in order and in its stream.</summary>
    public bool IsLossless => Audit.Lost == 0 && Received is { Twice: 0, OutOfOrder: 0, Misplaced: 0, Unreadable: 0 };

    /// <summary>Describes the lost and wrong lines.</summary>
    public string Faults => string.Create(
        CultureInfo.InvariantCulture,
        $"{Audit.Lost} lost{(Audit.First is null ? "" : $" (the first: {Audit.First})")}, {Received.Twice} twice, {Received.OutOfOrder} out of order, {Received.Misplaced} in the wrong stream, {Received.Unreadable} unreadable");
}
