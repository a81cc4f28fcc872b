using Shipper.Content;

namespace Shipper.Checkpoints.Operations;

/// <summary>Proof of the content before a position in a generation, for files that may start with the same bytes as others.</summary>
/// <remarks><code>20 generation:varint hash:uint64 offset:varint</code></remarks>
internal readonly record struct Proof(GenerationCheckpoint Generation, FileProof Value) : ICheckpointOperation<Proof>
{
    public static byte Code => 20;

    public static Proof? Read(BinaryReader reader, CheckpointState state)
    {
        GenerationCheckpoint? generation = state.FindGeneration(reader.Read7BitEncodedInt());
        ulong hash = reader.ReadUInt64();
        var proof = new FileProof(reader.Read7BitEncodedInt64(), hash);
        if (!proof.IsKnown)
        {
            throw new FormatException("not a proof");
        }

        return generation is null ? null : new Proof(generation, proof);
    }

    public static void Save(SnapshotWriter snapshot, GenerationCheckpoint generation)
    {
        if (generation.Proof.IsKnown)
        {
            snapshot.Write(new Proof(generation, generation.Proof));
        }
    }

    public void Write(BinaryWriter writer, CheckpointState state)
    {
        writer.Write7BitEncodedInt(Generation.Id);
        writer.Write(Value.Hash);
        writer.Write7BitEncodedInt64(Value.Offset);
    }

    public void Apply(CheckpointState state) => Generation.Proof = Value;
}
