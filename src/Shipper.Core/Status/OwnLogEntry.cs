namespace Shipper.Status;

/// <summary>A warning or an error in the agent's own log.</summary>
/// <param name="Level"><c>warn</c> or <c>error</c>.</param>
/// <param name="Stage">The stage that logged it.</param>
/// <param name="Suppressed">Number of similar messages that were left out before this one.</param>
internal sealed record OwnLogEntry(DateTimeOffset Time, string Level, string Stage, string Message, int Suppressed);
