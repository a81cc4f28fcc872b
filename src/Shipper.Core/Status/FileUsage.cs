namespace Shipper.Status;

/// <summary>Number of open log files, and how many files the process may have open.</summary>
internal sealed record FileUsage(int Open, long Limit);
