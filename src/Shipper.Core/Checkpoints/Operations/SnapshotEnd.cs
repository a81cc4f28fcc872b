namespace Shipper.Checkpoints.Operations;

/// <summary>Ends a snapshot. A snapshot without it is incomplete.</summary>
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
