namespace Shipper.Checkpoints.Operations;

/// <summary>The excluded outputs of a log.</summary>
/// <remarks>
/// <code>10 path:string outputs:byte</code>
/// Values of outputs: 0: none; 1: stdout; 2: stderr; 3: both; 4: the log is gone.
/// </remarks>
/// <param name="Path">Path of the log, under its unrotated name.</param>
/// <param name="Excluded">The excluded outputs; null if the log is gone.</param>
internal readonly record struct ExcludedOutputsChange(string Path, ExcludedOutputs? Excluded) : ICheckpointChange<ExcludedOutputsChange>
{
    private const byte Gone = 4;

    public static byte Code => 10;

    public static ExcludedOutputsChange? Read(BinaryReader reader, CheckpointState state) =>
        new ExcludedOutputsChange(reader.ReadString(), reader.ReadByte() is <= (byte)ExcludedOutputs.Both and var excluded ? (ExcludedOutputs)excluded : null);

    public static void Save(SnapshotWriter snapshot)
    {
        foreach ((string path, ExcludedOutputs excluded) in snapshot.State.ExcludedOutputsByPath)
        {
            snapshot.Write(new ExcludedOutputsChange(path, excluded));
        }
    }

    public void Write(BinaryWriter writer, CheckpointState state)
    {
        writer.Write(Path);
        writer.Write(Excluded is { } excluded ? (byte)excluded : Gone);
    }

    public void Apply(CheckpointState state)
    {
        if (Excluded is { } excluded)
        {
            state.ExcludedOutputsByPath[Path] = excluded;
        }
        else
        {
            state.ExcludedOutputsByPath.Remove(Path);
        }
    }

    public void Commit(CheckpointWriter writer)
    {
        if (Excluded != writer.State.FindExcludedOutputs(Path))
        {
            Apply(writer.State);
            writer.Append(this);
        }
    }
}
