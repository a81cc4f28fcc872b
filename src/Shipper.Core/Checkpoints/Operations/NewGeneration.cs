namespace Shipper.Checkpoints.Operations;

/// <summary>Assigns an id to a generation.</summary>
/// <remarks><code>3 generation:varint stream:varint logPath:string</code></remarks>
/// <param name="Id">Number that is unique in the state directory.</param>
/// <param name="Stream">The stream to which the generation belongs.</param>
/// <param name="LogPath">Path of the generation's log, under its unrotated name.</param>
internal readonly record struct NewGeneration(int Id, StreamCheckpoint Stream, string LogPath) : ICheckpointOperation<NewGeneration>
{
    public static byte Code => 3;

    public static NewGeneration? Read(BinaryReader reader, CheckpointState state)
    {
        int id = CheckpointFormat.ReadId(reader);
        StreamCheckpoint? stream = state.FindStream(reader.Read7BitEncodedInt());
        string logPath = reader.ReadString();
        return stream is null ? null : new NewGeneration(id, stream, logPath);
    }

    public static void Save(SnapshotWriter snapshot, StreamCheckpoint stream)
    {
        foreach (GenerationCheckpoint generation in stream.Generations.Where(generation => generation.IsStored))
        {
            snapshot.Write(new NewGeneration(generation.Id, stream, generation.LogPath));
            snapshot.Save(generation);
        }
    }

    public void Write(BinaryWriter writer, CheckpointState state)
    {
        writer.Write7BitEncodedInt(Id);
        writer.Write7BitEncodedInt(Stream.Id);
        writer.Write(LogPath);
    }

    public void Apply(CheckpointState state) => state.AddGeneration(Id, Stream, LogPath);
}
