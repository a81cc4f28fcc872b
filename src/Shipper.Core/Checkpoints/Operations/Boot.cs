namespace Shipper.Checkpoints.Operations;

/// <summary>The machine's boot during which positions are written; <see cref="UncleanShutdown.CleanShutdown"/> after a clean shutdown with all positions on disk.</summary>
/// <remarks><code>15 boot:string</code></remarks>
internal readonly record struct Boot(string Name) : ICheckpointChange<Boot>
{
    public static byte Code => 15;

    public static Boot? Read(BinaryReader reader, CheckpointState state) => new Boot(reader.ReadString());

    public static void Save(SnapshotWriter snapshot)
    {
        if (snapshot.State.Boot is { } boot)
        {
            snapshot.Write(new Boot(boot));
        }
    }

    public void Write(BinaryWriter writer, CheckpointState state) => writer.Write(Name);

    public void Apply(CheckpointState state) => state.Boot = Name;

    public void Commit(CheckpointWriter writer)
    {
        Apply(writer.State);
        writer.Append(this);
    }
}
