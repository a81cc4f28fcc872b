namespace Shipper.Status;

/// <summary>What the agent costs.</summary>
/// <param name="CpuPercent">CPU time over the last ten seconds, in percent of one core.</param>
/// <param name="ResidentBytes">Resident memory.</param>
internal sealed record ProcessUsage(double CpuPercent, long ResidentBytes);
