namespace Shipper.Status;

/// <summary>Time from a push to Loki's response, in seconds: the median, and the 99th percentile.</summary>
internal sealed record LokiLatency(double P50, double P99);
