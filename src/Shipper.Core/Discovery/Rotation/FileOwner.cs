namespace Shipper.Discovery.Rotation;

/// <summary>The log that a file belongs to.</summary>
/// <param name="LogPath">Path of the log, under its unrotated name, with all links resolved.</param>
/// <param name="Key">Key of the stream that the file was read for before; null if it was never read.</param>
internal sealed record FileOwner(string LogPath, string? Key);
