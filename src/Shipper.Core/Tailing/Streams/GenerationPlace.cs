using Shipper.Discovery.Rotation;

namespace Shipper.Tailing.Streams;

/// <summary>Where the file of a generation is, and how the last listing showed it.</summary>
/// <remarks>Owned by the lane of its stream; not safe for concurrent use.</remarks>
/// <param name="series">The log, in one directory.</param>
/// <param name="name">The file's name.</param>
internal sealed class GenerationPlace(LogSeries series, GenerationName name)
{
    /// <summary>The log, in the directory where the file is looked for.</summary>
    public LogSeries Series { get; private set; } = series;

    /// <summary>The name under which it was last found.</summary>
    public GenerationName Name { get; set; } = name;

    /// <summary>The directory that the file was moved to; null if that is the log's.</summary>
    public string? Directory { get; set; }

    /// <summary>True if the last listing of the directory showed it.</summary>
    public bool IsListed { get; set; }

    /// <summary>True once it has its place in the queue of its stream.</summary>
    public bool IsQueued { get; set; }

    /// <summary>True once the log is in another directory, and the file is not.</summary>
    public bool IsLeftBehind { get; private set; }

    /// <summary>True for the newest generation that the agent before knew of its log: more was written to it, for all that is known.</summary>
    public bool WasLive { get; set; }

    /// <summary>Full path of the file under its last name.</summary>
    public string Path => (Directory ?? Series.Directory) + "/" + Name.FileName;

    /// <summary>True if the same writer wrote an older file, so that a line may begin there and end here.</summary>
    public bool GoesOnFrom(GenerationPlace older) => Series.IsSameLog(older.Series) && Name.Restart == older.Name.Restart;

    /// <summary>
    /// The log is in another directory now, and the file in the old one. It stays open as long as it has a name there: its writer need not know that a link was
    /// turned, or something mounted over the directory.
    /// </summary>
    /// <param name="other">The log in the other directory, in whose queue the file keeps its place.</param>
    public void LeaveBehind(LogSeries other)
    {
        Series = other;
        IsLeftBehind = true;
        IsListed = false;
    }

    /// <summary>The file was found in another directory that holds the log now.</summary>
    public void MoveTo(LogSeries other, GenerationName newName)
    {
        Series = other;
        Name = newName;
        IsListed = true;
        IsLeftBehind = false;
    }
}
