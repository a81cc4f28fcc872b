namespace Shipper.Processing;

/// <summary>What a stage did in a turn of reading.</summary>
/// <param name="Stage">Label <c>stage</c> of <c>shipper_processed_records_total</c>.</param>
/// <param name="Rule">Label <c>rule</c>.</param>
/// <param name="Records">Number of records.</param>
/// <param name="Bytes">Bytes of their text.</param>
internal readonly record struct StageCount(string Stage, string Rule, long Records, long Bytes);
