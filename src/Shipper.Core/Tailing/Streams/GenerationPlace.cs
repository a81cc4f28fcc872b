using Shipper.Discovery.Rotation;

namespace Shipper.Tailing.Streams;

/// <summary>Location of a generation's file, and how the last listing showed it.</summary>
/// <remarks>Owned by the lane of its stream; not thread-safe.</remarks>
/// <param name="rotatedLog">The log in one directory.</param>
internal sealed class GenerationPlace(RotatedLog rotatedLog, GenerationName name)
{
    /// <summary>The log in the directory that is searched for the file.</summary>
    public RotatedLog Log { get; private set; } = rotatedLog;

    /// <summary>The file's last known name.</summary>
    public GenerationName Name { get; set; } = name;

    /// <summary>The directory to which the file was moved; null if it is in the log's directory.</summary>
    public string? Directory { get; set; }

    /// <summary>True if the last listing of the directory showed the file.</summary>
    public bool IsListed { get; set; }

    /// <summary>True once the generation has its final place in the queue of its stream.</summary>
    public bool IsQueued { get; set; }

    /// <summary>True if the log moved to another directory and the file did not.</summary>
    public bool IsLeftBehind { get; private set; }

    /// <summary>True for the newest generation of the log that the previous agent knew. More may have been written to it since.</summary>
    public bool WasLive { get; set; }

    /// <summary>Full path of the file, with its last known name.</summary>
    public string Path => (Directory ?? Log.Directory) + "/" + Name.FileName;

    /// <summary>True if the same writer wrote an older file, so that a line may begin there and continue in this file.</summary>
    public bool Continues(GenerationPlace older) => Log.IsSameLog(older.Log) && Name.Restart == older.Name.Restart;

    /// <summary>
    /// Marks the file as left behind in the old directory of a log that moved. The file stays open as long as it has a name there: its writer may not notice
    /// that a link was changed, or that something was mounted over the directory.
    /// </summary>
    /// <param name="other">The log in its new directory. The file keeps its place in the queue.</param>
    public void LeaveBehind(RotatedLog other)
    {
        Log = other;
        IsLeftBehind = true;
        IsListed = false;
    }

    /// <summary>Moves the generation to a file that was found in the log's new directory.</summary>
    public void MoveTo(RotatedLog other, GenerationName newName)
    {
        Log = other;
        Name = newName;
        IsListed = true;
        IsLeftBehind = false;
    }
}
