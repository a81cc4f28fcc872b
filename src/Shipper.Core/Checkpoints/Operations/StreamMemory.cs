using Shipper.Processing;

namespace Shipper.Checkpoints.Operations;

/// <summary>What the stages remember of a stream after its last acknowledged record.</summary>
/// <remarks>
/// <code>25 stream:varint *byte</code>
/// <see cref="StageMemory.Write(BinaryWriter)"/> describes the bytes.
/// </remarks>
internal readonly record struct StreamMemory(StreamCheckpoint? Stream, StageMemory Value) : ICheckpointChange<StreamMemory>
{
    public static byte Code => 25;

    public static StreamMemory? Read(BinaryReader reader, CheckpointState state)
    {
        StreamCheckpoint? stream = state.FindStream(reader.Read7BitEncodedInt());
        var memory = StageMemory.Read(reader);
        return stream is null ? null : new StreamMemory(stream, memory);
    }

    public static void Save(SnapshotWriter snapshot, StreamCheckpoint stream)
    {
        if (stream.Memory is { } memory)
        {
            snapshot.Write(new StreamMemory(stream, memory));
        }
    }

    public void Write(BinaryWriter writer, CheckpointState state)
    {
        writer.Write7BitEncodedInt(Stream!.Id);
        Value.Write(writer);
    }

    public void Apply(CheckpointState state)
    {
        Stream!.Memory ??= new StageMemory();
        Stream.Memory.CopyFrom(Value);
    }

    public void Commit(CheckpointWriter writer)
    {
        Apply(writer.State);
        if (Stream!.IsStored)
        {
            writer.Append(this);
        }
    }
}
