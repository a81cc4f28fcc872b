namespace Shipper.Checkpoints.Operations;

/// <summary>Ends the first start: <c>startAt</c> has been applied to everything that existed.</summary>
/// <remarks><code>7</code></remarks>
internal readonly record struct Started : ICheckpointChange<Started>
{
    public static byte Code => 7;

    public static Started? Read(BinaryReader reader, CheckpointState state) => default(Started);

    public static void Save(SnapshotWriter snapshot)
    {
        if (snapshot.State.IsStarted)
        {
            snapshot.Write(default(Started));
        }
    }

    public void Write(BinaryWriter writer, CheckpointState state)
    {
    }

    public void Apply(CheckpointState state) => state.IsStarted = true;

    public void Commit(CheckpointWriter writer)
    {
        if (!writer.State.IsStarted)
        {
            Apply(writer.State);
            writer.Append(this);
        }
    }
}
