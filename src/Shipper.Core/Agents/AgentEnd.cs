using Shipper.Checkpoints;

namespace Shipper.Agents;

/// <summary>How an agent ended.</summary>
/// <param name="IsSaved">False if positions could not be saved.</param>
/// <param name="Handover">What is left to the agent that takes over; null if none does.</param>
/// <param name="LastWords">Saves what is logged after the agent has ended; null if the agent does not read its own log, or another agent takes over.</param>
internal sealed record AgentEnd(bool IsSaved, Handover? Handover, LastWords? LastWords);
