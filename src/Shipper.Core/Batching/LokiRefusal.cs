namespace Shipper.Batching;

/// <summary>A refusal of a stream, or of some of its records, by Loki.</summary>
/// <param name="At">When Loki refused them.</param>
/// <param name="Message">Loki's words.</param>
/// <param name="Records">Number of records that were dropped because of it; 0 if they are sent again later.</param>
internal sealed record LokiRefusal(DateTimeOffset At, string Message, int Records);
