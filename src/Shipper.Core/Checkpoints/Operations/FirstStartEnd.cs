namespace Shipper.Checkpoints.Operations;

/// <summary>Ends the first start: <c>startAt</c> has been applied to everything that existed.</summary>
/// <remarks><code>7</code></remarks>
internal readonly record struct FirstStartEnd : ICheckpointChange<FirstStartEnd>
{
    public static byte Code => 7;

    public static FirstStartEnd? Read(BinaryReader reader, CheckpointState state) => default(FirstStartEnd);

    public static void Save(SnapshotWriter snapshot)
    {
        if (snapshot.State.IsFirstStartOver)
        {
            snapshot.Write(default(FirstStartEnd));
        }
    }

    public void Write(BinaryWriter writer, CheckpointState state)
    {
    }

    public void Apply(CheckpointState state) => state.IsFirstStartOver = true;

    public void Commit(CheckpointWriter writer)
    {
        if (!writer.State.IsFirstStartOver)
        {
            Apply(writer.State);
            writer.Append(this);
        }
    }
}
