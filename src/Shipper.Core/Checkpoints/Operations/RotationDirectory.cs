namespace Shipper.Checkpoints.Operations;

/// <summary>The directory to which rotation moves the files of a log.</summary>
/// <remarks>
/// <code>22 path:string directory:string</code>
/// A snapshot has it only for logs that have a generation, because it is not needed for any other log.
/// </remarks>
/// <param name="Path">Path of the log, under its unrotated name.</param>
/// <param name="Value">The directory.</param>
internal readonly record struct RotationDirectory(string Path, string Value) : ICheckpointChange<RotationDirectory>
{
    public static byte Code => 22;

    public static RotationDirectory? Read(BinaryReader reader, CheckpointState state) => new RotationDirectory(reader.ReadString(), reader.ReadString());

    public static void Save(SnapshotWriter snapshot)
    {
        IReadOnlyCollection<StreamCheckpoint> streams = snapshot.State.Streams;
        foreach ((string path, string directory) in snapshot.State.RotationDirectories)
        {
            if (streams.Any(stream => stream.Generations.Exists(generation => generation.LogPath == path)))
            {
                snapshot.Write(new RotationDirectory(path, directory));
            }
        }
    }

    public void Write(BinaryWriter writer, CheckpointState state)
    {
        writer.Write(Path);
        writer.Write(Value);
    }

    public void Apply(CheckpointState state) => state.RotationDirectories[Path] = Value;

    public void Commit(CheckpointWriter writer)
    {
        if (writer.State.RotationDirectories.GetValueOrDefault(Path) != Value)
        {
            Apply(writer.State);
            writer.Append(this);
        }
    }
}
