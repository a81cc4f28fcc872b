namespace Shipper.Status;

/// <summary>How much of a limit is used, in bytes.</summary>
internal sealed record ByteUsage(long Bytes, long LimitBytes);
