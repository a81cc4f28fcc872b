namespace Shipper.Loki;

/// <summary>The response to a query.</summary>
/// <param name="Outcome">The outcome.</param>
/// <param name="Message">Why Loki did not answer; empty if it did.</param>
/// <param name="NextNs">Start of the next page, in nanoseconds since 1970; null if this page was the last.</param>
/// <param name="NewestNs">The newest time of the entries on this page, in nanoseconds since 1970; null if there are none.</param>
internal sealed record QueryAnswer(QueryOutcome Outcome, string Message = "", long? NextNs = null, long? NewestNs = null);
