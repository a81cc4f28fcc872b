namespace Shipper.Discovery;

/// <summary>A message from discovery to the lanes.</summary>
internal abstract record LogChange;

/// <summary>No path leads to a log any longer. The log is gone once its files are gone.</summary>
/// <param name="LogPath">The log's <see cref="Rotation.RotatedLog.Path"/>.</param>
internal sealed record LogUnlinked(string LogPath) : LogChange;

/// <summary>A log must no longer be read, although it exists. Its unread bytes do not count as lost.</summary>
/// <param name="LogPath">The log's <see cref="Rotation.RotatedLog.Path"/>.</param>
internal sealed record LogExcluded(string LogPath) : LogChange;

/// <summary>Names in the directory of a log have changed.</summary>
/// <param name="Directory">The directory, with all links resolved.</param>
internal sealed record DirectoryChanged(string Directory) : LogChange;
