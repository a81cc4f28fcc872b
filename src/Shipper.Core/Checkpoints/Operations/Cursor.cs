namespace Shipper.Checkpoints.Operations;

/// <summary>The acknowledged position of a journal stream.</summary>
/// <remarks><code>11 stream:varint cursor:string</code></remarks>
/// <param name="Value">The stream's cursor; empty for a unit that shares the cursor of its directory.</param>
internal readonly record struct Cursor(StreamCheckpoint Stream, string Value) : ICheckpointChange<Cursor>
{
    public static byte Code => 11;

    public static Cursor? Read(BinaryReader reader, CheckpointState state)
    {
        StreamCheckpoint? stream = state.FindStream(reader.Read7BitEncodedInt());
        string cursor = reader.ReadString();
        return stream is null ? null : new Cursor(stream, cursor);
    }

    public static void Save(SnapshotWriter snapshot, StreamCheckpoint stream)
    {
        if (stream.Cursor is { } cursor)
        {
            snapshot.Write(new Cursor(stream, cursor));
        }
    }

    public void Write(BinaryWriter writer, CheckpointState state)
    {
        writer.Write7BitEncodedInt(Stream.Id);
        writer.Write(Value);
    }

    public void Apply(CheckpointState state) => Stream.Cursor = Value;

    public void Commit(CheckpointWriter writer)
    {
        Apply(writer.State);
        writer.Define(Stream);
        writer.Append(this);
    }
}
