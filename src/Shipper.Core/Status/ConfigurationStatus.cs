namespace Shipper.Status;

/// <summary>The configuration in use.</summary>
/// <param name="Path">The file.</param>
/// <param name="LoadedAt">When it was read.</param>
/// <param name="NeedsRestart">Changed keys that are ignored until the agent is restarted, with both values.</param>
/// <param name="Refused">Why a later version of the file is not in use; null if the file is.</param>
internal sealed record ConfigurationStatus(string Path, DateTimeOffset LoadedAt, IReadOnlyList<string> NeedsRestart, ConfigurationRefusal? Refused);
