namespace Shipper.Benchmarks.Receiving;

/// <summary>What is missing of what was written.</summary>
/// <param name="Lost">Lines that never came.</param>
/// <param name="First">The first of them, in words; null without any.</param>
internal sealed record AuditReport(long Lost, string? First);
