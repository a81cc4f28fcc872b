namespace Shipper.Checkpoints;

/// <summary>The state directory can't be used, so that the agent can't run. The message says why and what helps.</summary>
internal sealed class StateUnavailableException(string message) : Exception(message);
