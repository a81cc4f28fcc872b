namespace Shipper.Benchmarks.Receiving;

/// <summary>The result of comparing the received lines with the written ones.</summary>
/// <param name="Lost">Number of lines that never arrived.</param>
/// <param name="First">The first lost line, as text; null if none was lost.</param>
internal sealed record AuditReport(long Lost, string? First);
