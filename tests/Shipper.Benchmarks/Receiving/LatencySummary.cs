namespace Shipper.Benchmarks.Receiving;

/// <summary>Latencies of lines, in milliseconds; all 0 if no line carried the time of its writing.</summary>
internal sealed record LatencySummary(int P50Ms, int P99Ms, int MaxMs);
