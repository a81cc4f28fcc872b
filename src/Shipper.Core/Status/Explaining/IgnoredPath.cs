namespace Shipper.Status.Explaining;

/// <summary>A path that looks like a container's log, and that the globs of the configuration leave out.</summary>
/// <param name="Path">The path.</param>
/// <param name="ExcludedBy">The glob of <c>sources.containers.exclude</c> that matches it; null if no glob of <c>include</c> matches it.</param>
internal sealed record IgnoredPath(string Path, string? ExcludedBy);
