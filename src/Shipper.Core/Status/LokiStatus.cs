namespace Shipper.Status;

/// <summary>What the agent knows about Loki.</summary>
/// <param name="Url">Address of the pushes.</param>
/// <param name="LastSuccess">When Loki last accepted a push; null before the first.</param>
/// <param name="LastResponse">Loki's last response; null before the first.</param>
/// <param name="Failing">What is wrong; null if Loki accepts pushes.</param>
/// <param name="LatencySeconds">How long Loki took for the last pushes; null before the first.</param>
/// <param name="Retries">Number of pushes that were retried.</param>
/// <param name="Responses">Number of pushes by their result.</param>
internal sealed record LokiStatus(
    Uri Url, string Tenant, DateTimeOffset? LastSuccess, string? LastResponse, LokiFailing? Failing, LokiLatency? LatencySeconds, long Retries,
    IReadOnlyList<ResponseCount> Responses);
