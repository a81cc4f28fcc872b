namespace Shipper.Discovery;

/// <summary>Takes what discovery finds. Safe for concurrent use.</summary>
internal interface ILogSink
{
    /// <summary>A log was found.</summary>
    void Add(SeriesFound found);

    /// <summary>No path leads to a log any more.</summary>
    void Unlink(string seriesPath);

    /// <summary>A log is not to be read any more, though it is there.</summary>
    void Exclude(string seriesPath);

    /// <summary>Names in the directory of a log changed.</summary>
    void DirectoryChanged(string directory);
}
