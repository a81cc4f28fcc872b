namespace Shipper.Loki;

/// <summary>The outcome of a query.</summary>
/// <param name="Outcome">Whether it was answered.</param>
/// <param name="Message">Loki's words if it was not.</param>
/// <param name="NextNs">Where the next page begins, in nanoseconds since 1970; null if this one was the last.</param>
/// <param name="NewestNs">The newest time of an entry on this page, in nanoseconds since 1970; null if there is none.</param>
internal sealed record QueryAnswer(QueryOutcome Outcome, string Message = "", long? NextNs = null, long? NewestNs = null);
