namespace Shipper.Status;

/// <summary>Number of records that were read and not sent.</summary>
/// <param name="Reason">Label <c>reason</c> of <c>shipper_dropped_records_total</c>.</param>
internal sealed record ReasonRecords(string Reason, long Records);
