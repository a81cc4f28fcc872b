namespace Shipper.Delivery;

/// <summary>An outage: Loki has accepted no push since it began.</summary>
/// <param name="Since">When the first push failed.</param>
/// <param name="IsUnavailable">True if nothing answers, or something says that Loki is away (5xx); false if Loki answers and refuses.</param>
/// <param name="Response">The last response, or what went wrong on the way.</param>
/// <param name="Remedy">What somebody can do about it; null if nothing is known to help but waiting.</param>
/// <param name="NextRetry">When the next push is sent; null if that is now.</param>
/// <param name="WaitingRecords">Number of records in batches that wait, of all lanes.</param>
internal sealed record LokiFailure(DateTimeOffset Since, bool IsUnavailable, string Response, string? Remedy, DateTimeOffset? NextRetry, int WaitingRecords);
