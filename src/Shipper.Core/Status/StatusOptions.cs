namespace Shipper.Status;

/// <summary>What the status repeats from the configuration.</summary>
/// <param name="PushUrl">Address of the pushes.</param>
/// <param name="HeldBytes">Upper bound of the disk space of deleted files that the agent keeps.</param>
/// <param name="Grafana">Address of Grafana; empty if it is not configured.</param>
internal sealed record StatusOptions(string Cluster, string Environment, string Node, Uri PushUrl, string Tenant, long BufferMemory, long HeldBytes, string Grafana);
