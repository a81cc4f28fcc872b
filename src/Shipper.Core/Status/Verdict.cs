namespace Shipper.Status;

/// <summary>Whether the agent ships logs, in a word and a sentence.</summary>
/// <param name="State">One of <see cref="VerdictStates"/>.</param>
/// <param name="Severity">One of <see cref="Severities"/>.</param>
/// <param name="Text">What is going on, in one or two sentences.</param>
/// <param name="Remedy">What to do about it; empty if nothing has to be done.</param>
/// <param name="Since">When the agent got into this state.</param>
internal sealed record Verdict(string State, string Severity, string Text, string Remedy, DateTimeOffset Since);
