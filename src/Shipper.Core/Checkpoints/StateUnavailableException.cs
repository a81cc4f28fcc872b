namespace Shipper.Checkpoints;

/// <summary>Thrown if the state directory can't be used, so that the agent can't run. The message gives the reason and the remedy.</summary>
internal sealed class StateUnavailableException(string message) : Exception(message);
