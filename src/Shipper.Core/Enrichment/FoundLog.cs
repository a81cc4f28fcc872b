using Shipper.Discovery;

namespace Shipper.Enrichment;

/// <summary>A log of a container that discovery has found.</summary>
/// <param name="Container">The container.</param>
/// <param name="Path">Path of the log.</param>
/// <param name="ExcludedBy">What excludes the log; null if it is read.</param>
internal sealed record FoundLog(ContainerName Container, string Path, string? ExcludedBy);
