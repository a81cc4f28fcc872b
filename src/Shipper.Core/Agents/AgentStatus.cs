using Shipper.Checkpoints;
using Shipper.Lanes;

namespace Shipper.Agents;

/// <summary>What a running agent is doing: <c>/api/status</c>.</summary>
/// <param name="Version">The version, as in 0.1.0.</param>
/// <param name="Commit">The commit it was built from.</param>
/// <param name="Cluster">Label <c>cluster</c>.</param>
/// <param name="Node">Label <c>node</c>.</param>
/// <param name="UptimeSeconds">Since it was started.</param>
/// <param name="Stalled">True where a lane is.</param>
/// <param name="Lanes">Its lanes.</param>
/// <param name="Streams">The streams of all lanes that are read from files.</param>
/// <param name="Totals">What became of all bytes of these files, and of those that went since the agent started.</param>
internal sealed record AgentStatus(
    string Version, string Commit, string Cluster, string Node, double UptimeSeconds, bool Stalled,
    IReadOnlyList<LaneStatus> Lanes, IReadOnlyList<StreamStatus> Streams, Ledger Totals);
