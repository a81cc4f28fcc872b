namespace Shipper.Benchmarks.Suite;

/// <summary>The settings of an agent.</summary>
/// <param name="Root">The directory of the logs.</param>
/// <param name="Receiver">The address to push to.</param>
/// <param name="State">An empty directory for the agent's state.</param>
/// <param name="Api">The address of the API server.</param>
/// <param name="BatchWait">How long the agent waits for a batch to fill. Peers use their own configuration.</param>
/// <param name="Port">The port on which the agent serves metrics and readiness.</param>
/// <param name="IsJournal">True to read a journal instead of container logs.</param>
internal sealed record AgentSetting(string Root, Uri Receiver, string State, Uri Api, TimeSpan BatchWait, int Port, bool IsJournal);
