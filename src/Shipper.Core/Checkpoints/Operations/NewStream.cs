namespace Shipper.Checkpoints.Operations;

/// <summary>Assigns an id to a stream.</summary>
/// <remarks><code>1 stream:varint key:string</code></remarks>
/// <param name="Id">Number that is unique in the state directory.</param>
/// <param name="Key">Identifies the stream, see <see cref="StreamCheckpoint.Key"/>.</param>
internal readonly record struct NewStream(int Id, string Key) : ICheckpointOperation<NewStream>
{
    public static byte Code => 1;

    public static NewStream? Read(BinaryReader reader, CheckpointState state) => new NewStream(CheckpointFormat.ReadId(reader), reader.ReadString());

    public static void Save(SnapshotWriter snapshot, StreamCheckpoint stream) => snapshot.Write(new NewStream(stream.Id, stream.Key));

    public void Write(BinaryWriter writer, CheckpointState state)
    {
        writer.Write7BitEncodedInt(Id);
        writer.Write(Key);
    }

    public void Apply(CheckpointState state) => state.AddStream(Id, Key);
}
