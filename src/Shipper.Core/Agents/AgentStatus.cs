using Shipper.Checkpoints;
using Shipper.Lanes;

namespace Shipper.Agents;

/// <summary>State of a running agent: the response of <c>/api/status</c>.</summary>
/// <param name="Version">The version, for example 0.1.0.</param>
/// <param name="Commit">The commit that was built.</param>
/// <param name="Cluster">Label <c>cluster</c>.</param>
/// <param name="Node">Label <c>node</c>.</param>
/// <param name="UptimeSeconds">Seconds since the agent started.</param>
/// <param name="Stalled">True if at least one lane is stalled.</param>
/// <param name="Streams">The streams of all lanes that are read from files.</param>
/// <param name="Totals">The ledger of all these files, and of files that were deleted since the agent started.</param>
internal sealed record AgentStatus(
    string Version, string Commit, string Cluster, string Node, double UptimeSeconds, bool Stalled,
    IReadOnlyList<LaneStatus> Lanes, IReadOnlyList<StreamStatus> Streams, Ledger Totals);
