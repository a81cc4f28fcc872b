namespace Shipper.Delivery;

/// <summary>Why Loki accepts no pushes at present.</summary>
/// <param name="Since">When the first push failed.</param>
/// <param name="IsUnavailable">True if there was no response, or one with status 5xx; false if pushes were refused, for example with 401, 404 or 429.</param>
/// <param name="Response">Loki's last response: the status and its message.</param>
/// <param name="Remedy">What somebody can do about it; null if only waiting helps.</param>
/// <param name="NextRetry">The latest time of the next retry; null if unknown.</param>
/// <param name="WaitingRecords">Number of unacknowledged records in memory, of all lanes.</param>
internal sealed record LokiFailure(DateTimeOffset Since, bool IsUnavailable, string Response, string? Remedy, DateTimeOffset? NextRetry, int WaitingRecords);
