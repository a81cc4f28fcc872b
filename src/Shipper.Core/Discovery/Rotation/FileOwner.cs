namespace Shipper.Discovery.Rotation;

/// <summary>The log that a file belongs to.</summary>
/// <param name="LogPath">Path of the log, under its unrotated name, with all links resolved.</param>
/// <param name="Key">Key of the stream that has read the file before; null if none has.</param>
internal sealed record FileOwner(string LogPath, string? Key);
