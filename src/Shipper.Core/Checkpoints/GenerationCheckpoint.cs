using Shipper.Tailing;

namespace Shipper.Checkpoints;

/// <summary>How far one generation of a log file is acknowledged.</summary>
/// <remarks>Changed only by <see cref="CheckpointStore"/>, under its lock; the lane that owns the stream may read it.</remarks>
/// <param name="id">Number within the state directory.</param>
/// <param name="logPath">Path of the log that this is a generation of, under its unrotated name.</param>
internal sealed class GenerationCheckpoint(int id, string logPath)
{
    public int Id { get; } = id;

    public string LogPath { get; } = logPath;

    /// <summary>Who the file is.</summary>
    public FileIdentity Identity { get; internal set; }

    /// <summary>The file's inode when it was last written down: a tie-break between files that begin alike.</summary>
    public ulong Inode { get; internal set; }

    /// <summary>Everything below is acknowledged or was dropped for a counted reason.</summary>
    public Offsets Acknowledged { get; internal set; }

    /// <summary>Bytes of uncompressed content that the file was known to have.</summary>
    public long Size { get; internal set; }

    /// <summary>The last push that had records of it; null where none is known.</summary>
    public SentRange? Sent { get; internal set; }

    /// <summary>True once the generation is written in the files of the store.</summary>
    internal bool IsStored { get; set; }
}
