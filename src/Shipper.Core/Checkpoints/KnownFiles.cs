using Shipper.Content;

namespace Shipper.Checkpoints;

/// <summary>Finds generations by stored facts about their files.</summary>
internal static class KnownFiles
{
    /// <summary>Finds the generations with a file that had a given inode when they were last stored.</summary>
    public static List<KnownFile> FindFiles(this CheckpointStore checkpoints, ulong inode) => Find(checkpoints, generation => generation.Inode == inode);

    /// <summary>True if more bytes are known of another log's file with an inode. A few known bytes are weaker evidence: many files begin with them.</summary>
    /// <param name="logPath">Path of the log.</param>
    /// <param name="identityLength">Number of bytes that are known of its file.</param>
    public static bool IsBetterKnown(this CheckpointStore checkpoints, ulong inode, string logPath, int identityLength) =>
        checkpoints.FindFiles(inode).Exists(known => known.LogPath != logPath && known.Identity.Length > identityLength);

    /// <summary>Finds the generations of a log.</summary>
    public static List<KnownFile> FindFiles(this CheckpointStore checkpoints, string logPath) => Find(checkpoints, generation => generation.LogPath == logPath);

    /// <summary>Finds the generations of all logs with a given file name, in any directory.</summary>
    public static List<KnownFile> FindFilesNamed(this CheckpointStore checkpoints, string name) =>
        Find(checkpoints, generation => Path.GetFileName(generation.LogPath.AsSpan()).SequenceEqual(name));

    /// <summary>Finds the generations of all logs that are in a directory, or that have a name which, without its extension, begins another name.</summary>
    /// <param name="name">The name that may begin with a log's name.</param>
    public static List<KnownFile> FindRelatedFiles(this CheckpointStore checkpoints, string directory, string name) => Find(
        checkpoints,
        generation => Path.GetDirectoryName(generation.LogPath.AsSpan()).SequenceEqual(directory)
            || name.AsSpan().StartsWith(Path.GetFileNameWithoutExtension(generation.LogPath.AsSpan()), StringComparison.Ordinal));

    private static List<KnownFile> Find(CheckpointStore checkpoints, Predicate<GenerationCheckpoint> isWanted) => checkpoints.Read(isWanted, static (state, isWanted) =>
    {
        var found = new List<KnownFile>();
        foreach (StreamCheckpoint stream in state.Streams)
        {
            foreach (GenerationCheckpoint generation in stream.Generations)
            {
                if (isWanted(generation))
                {
                    found.Add(new KnownFile(stream.Key, generation.LogPath, generation.Inode, generation.Identity, generation.Proof, generation.CheckpointWrittenNs));
                }
            }
        }

        return found;
    });
}
