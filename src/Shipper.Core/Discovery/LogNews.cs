namespace Shipper.Discovery;

/// <summary>What discovery tells the lanes.</summary>
internal abstract record LogNews;

/// <summary>No path leads to a log any more. When its files are gone, so is the log.</summary>
/// <param name="SeriesPath">Its <see cref="Rotation.LogSeries.Path"/>.</param>
internal sealed record LogUnlinked(string SeriesPath) : LogNews;

/// <summary>A log is not to be read any more, though it is there. What was not read of it does not count as lost.</summary>
/// <param name="SeriesPath">Its <see cref="Rotation.LogSeries.Path"/>.</param>
internal sealed record LogExcluded(string SeriesPath) : LogNews;

/// <summary>Names in the directory of a log have changed.</summary>
/// <param name="Directory">The directory, with all links resolved.</param>
internal sealed record DirectoryChanged(string Directory) : LogNews;
