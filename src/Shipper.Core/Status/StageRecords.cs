namespace Shipper.Status;

/// <summary>Number of records that a stage changed or left out.</summary>
/// <param name="Stage">Label <c>stage</c> of <c>shipper_processed_records_total</c>.</param>
/// <param name="Rule">Label <c>rule</c>.</param>
internal sealed record StageRecords(string Stage, string Rule, long Records);
