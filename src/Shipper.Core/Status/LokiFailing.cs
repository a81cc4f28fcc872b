namespace Shipper.Status;

/// <summary>An outage of Loki, as of now.</summary>
/// <param name="Since">When it began.</param>
/// <param name="Kind"><c>unavailable</c> if nothing answers, or <c>refused</c> if Loki answers and refuses.</param>
/// <param name="Response">The last response.</param>
/// <param name="NextRetry">When the agent tries again; null if it tries now.</param>
/// <param name="WaitingRecords">Number of records that wait in memory.</param>
internal sealed record LokiFailing(DateTimeOffset Since, string Kind, string Response, DateTimeOffset? NextRetry, int WaitingRecords)
{
    public const string Unavailable = "unavailable";

    public const string Refused = "refused";
}
