namespace Shipper.Checkpoints.Operations;

/// <summary>Removes a generation that no longer exists.</summary>
/// <remarks><code>5 generation:varint</code></remarks>
internal readonly record struct GenerationRemoval(GenerationCheckpoint Generation) : ICheckpointChange<GenerationRemoval>
{
    public static byte Code => 5;

    public static GenerationRemoval? Read(BinaryReader reader, CheckpointState state) =>
        state.FindGeneration(reader.Read7BitEncodedInt()) is { } generation ? new GenerationRemoval(generation) : null;

    public void Write(BinaryWriter writer, CheckpointState state) => writer.Write7BitEncodedInt(Generation.Id);

    public void Apply(CheckpointState state) => state.RemoveGeneration(Generation.Id);

    public void Commit(CheckpointWriter writer)
    {
        if (Generation.IsStored)
        {
            writer.Append(this);
            Generation.IsStored = false;
        }

        if (writer.State.RemoveGeneration(Generation.Id) is { } stream)
        {
            writer.State.RemoveIfEmpty(stream);
        }
    }
}
