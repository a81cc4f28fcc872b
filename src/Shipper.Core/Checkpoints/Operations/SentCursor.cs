namespace Shipper.Checkpoints.Operations;

/// <summary>Records a push that is about to be sent, and the journal cursor at which it ends.</summary>
/// <remarks>
/// <code>14 stream:varint cursor:string</code>
/// A snapshot has it only if it differs from the acknowledged cursor.
/// </remarks>
internal readonly record struct SentCursor(StreamCheckpoint Stream, string Value) : ICheckpointChange<SentCursor>
{
    public static byte Code => 14;

    public static SentCursor? Read(BinaryReader reader, CheckpointState state)
    {
        StreamCheckpoint? stream = state.FindStream(reader.Read7BitEncodedInt());
        string cursor = reader.ReadString();
        return stream is null ? null : new SentCursor(stream, cursor);
    }

    public static void Save(SnapshotWriter snapshot, StreamCheckpoint stream)
    {
        if (stream.SentCursor is { } cursor && cursor != stream.Cursor)
        {
            snapshot.Write(new SentCursor(stream, cursor));
        }
    }

    public void Write(BinaryWriter writer, CheckpointState state)
    {
        writer.Write7BitEncodedInt(Stream.Id);
        writer.Write(Value);
    }

    public void Apply(CheckpointState state) => Stream.SentCursor = Value;

    public void Commit(CheckpointWriter writer)
    {
        Apply(writer.State);
        writer.Define(Stream);
        writer.Append(this);
    }
}
