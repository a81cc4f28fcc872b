namespace Shipper.Client;

/// <summary>An agent can't be asked. The message names the address, the cause and the remedy.</summary>
internal sealed class AgentException(string message) : Exception(message);
