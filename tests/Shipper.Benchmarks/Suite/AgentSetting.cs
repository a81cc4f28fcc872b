namespace Shipper.Benchmarks.Suite;

/// <summary>What an agent is started with.</summary>
/// <param name="Root">The directory of the logs.</param>
/// <param name="Receiver">Where it pushes to.</param>
/// <param name="State">An empty directory of its own.</param>
/// <param name="Api">The API server.</param>
/// <param name="BatchWait">How long it waits for a batch to fill; peers have what their configuration says.</param>
/// <param name="Port">The port that it serves metrics and readiness on.</param>
/// <param name="IsJournal">Whether it reads a journal instead of the logs of containers.</param>
internal sealed record AgentSetting(string Root, Uri Receiver, string State, Uri Api, TimeSpan BatchWait, int Port, bool IsJournal);
