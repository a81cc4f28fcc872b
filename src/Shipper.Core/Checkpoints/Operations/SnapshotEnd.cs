namespace Shipper.Checkpoints.Operations;

/// <summary>The last operation of a snapshot: one without it is not whole.</summary>
/// <remarks><code>6</code></remarks>
internal readonly record struct SnapshotEnd : ICheckpointOperation<SnapshotEnd>
{
    public static byte Code => 6;

    public static SnapshotEnd? Read(BinaryReader reader, CheckpointState state) => default(SnapshotEnd);

    public void Write(BinaryWriter writer, CheckpointState state)
    {
    }

    public void Apply(CheckpointState state)
    {
    }
}
