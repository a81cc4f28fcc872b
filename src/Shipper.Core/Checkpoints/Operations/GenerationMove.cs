namespace Shipper.Checkpoints.Operations;

/// <summary>Moves a generation to another stream, or to another log of the same stream.</summary>
/// <remarks><code>21 generation:varint stream:varint logPath:string</code></remarks>
/// <param name="Stream">The new stream.</param>
/// <param name="LogPath">Path of the new log, under its unrotated name.</param>
internal readonly record struct GenerationMove(GenerationCheckpoint Generation, StreamCheckpoint Stream, string LogPath) : ICheckpointChange<GenerationMove>
{
    public static byte Code => 21;

    public static GenerationMove? Read(BinaryReader reader, CheckpointState state)
    {
        GenerationCheckpoint? generation = state.FindGeneration(reader.Read7BitEncodedInt());
        StreamCheckpoint? stream = state.FindStream(reader.Read7BitEncodedInt());
        string logPath = reader.ReadString();
        return generation is null || stream is null ? null : new GenerationMove(generation, stream, logPath);
    }

    public void Write(BinaryWriter writer, CheckpointState state)
    {
        writer.Write7BitEncodedInt(Generation.Id);
        writer.Write7BitEncodedInt(Stream.Id);
        writer.Write(LogPath);
    }

    public void Apply(CheckpointState state) => state.MoveGeneration(Generation.Id, Stream, LogPath);

    public void Commit(CheckpointWriter writer)
    {
        writer.State.AddStream(Stream);
        Apply(writer.State);
        if (Generation.IsStored)
        {
            writer.Define(Stream);
            writer.Append(this);
        }
    }
}
