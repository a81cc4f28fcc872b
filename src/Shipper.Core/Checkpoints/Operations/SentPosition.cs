using Shipper.Loki;

namespace Shipper.Checkpoints.Operations;

/// <summary>Records a push that is about to be sent, and how far it reaches in a generation. The file has at least that length.</summary>
/// <remarks>
/// <code>9 generation:varint attributes:varint stdout:varint stderr:varint base:varint</code>
/// A snapshot has it only if the push reaches beyond the acknowledged position.
/// </remarks>
/// <param name="Generation">The generation. It must be stored already, or defined earlier in the frame.</param>
/// <param name="Range">How far the push reaches, and what else determines its records.</param>
internal readonly record struct SentPosition(GenerationCheckpoint Generation, SentRange Range) : ICheckpointChange<SentPosition>
{
    public static byte Code => 9;

    public static SentPosition? Read(BinaryReader reader, CheckpointState state)
    {
        GenerationCheckpoint? generation = state.FindGeneration(reader.Read7BitEncodedInt());
        StreamAttributes? attributes = state.FindAttributes(reader.Read7BitEncodedInt());
        var end = new FilePosition(reader.Read7BitEncodedInt64(), reader.Read7BitEncodedInt64());
        long baseNs = reader.Read7BitEncodedInt64();
        if (end.Min < 0)
        {
            throw new FormatException("not a position");
        }

        return generation is null || attributes is null ? null : new SentPosition(generation, new SentRange(attributes, end, baseNs));
    }

    public static void Save(SnapshotWriter snapshot, GenerationCheckpoint generation)
    {
        if (generation.LastSentRange is { } sent && sent.IsBeyond(generation.Acknowledged))
        {
            snapshot.Define(sent.Attributes);
            snapshot.Write(new SentPosition(generation, sent));
        }
    }

    public void Write(BinaryWriter writer, CheckpointState state)
    {
        writer.Write7BitEncodedInt(Generation.Id);
        writer.Write7BitEncodedInt(state.GetOrAddId(Range.Attributes, out _));
        writer.Write7BitEncodedInt64(Range.End.Stdout);
        writer.Write7BitEncodedInt64(Range.End.Stderr);
        writer.Write7BitEncodedInt64(Range.BaseNs);
    }

    public void Apply(CheckpointState state) => Generation.SetLastSentRange(Range);

    public void Commit(CheckpointWriter writer)
    {
        Apply(writer.State);
        writer.Define(Range.Attributes);
        writer.Append(this);
    }
}
