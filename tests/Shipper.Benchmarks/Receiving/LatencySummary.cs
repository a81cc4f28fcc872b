namespace Shipper.Benchmarks.Receiving;

/// <summary>Times of many lines, in milliseconds; all 0 where no line said when it was written.</summary>
internal sealed record LatencySummary(int P50Ms, int P99Ms, int MaxMs);
