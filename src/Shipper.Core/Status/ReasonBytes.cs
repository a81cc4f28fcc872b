namespace Shipper.Status;

/// <summary>Number of lost bytes.</summary>
/// <param name="Reason">Label <c>reason</c> of <c>shipper_lost_bytes_total</c>.</param>
internal sealed record ReasonBytes(string Reason, long Bytes);
