using Shipper.Checkpoints;

namespace Shipper.Agents;

/// <summary>How an agent ended.</summary>
/// <param name="IsSaved">False if some positions could not be saved.</param>
/// <param name="Handover">State handed to the successor agent; null if there is none.</param>
/// <param name="OwnLogTail">Saves the lines logged after the agent has ended; null if the agent does not read its own log, or a successor takes over.</param>
internal sealed record AgentResult(bool IsSaved, Handover? Handover, OwnLogTail? OwnLogTail);
