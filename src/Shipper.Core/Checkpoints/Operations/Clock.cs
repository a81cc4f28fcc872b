namespace Shipper.Checkpoints.Operations;

/// <summary>
/// The clock of a stream after its last acknowledged record or, for all streams together, the newest time of a record that may have been sent.
/// </summary>
/// <remarks>
/// <code>2 stream:varint raw:varint sent:varint newest:varint</code>
/// All times are in nanoseconds since 1970. Stream 0 stands for all streams, with raw and sent 0; agents that don't know it skip it.
/// </remarks>
/// <param name="Stream">The stream; null for all streams.</param>
internal readonly record struct Clock(StreamCheckpoint? Stream, StreamClock Value) : ICheckpointChange<Clock>
{
    private const int AllStreams = 0;

    public static byte Code => 2;

    /// <summary>Creates the operation for all streams together.</summary>
    /// <param name="newestNs">Newest time of a record that may have been sent, in nanoseconds since 1970.</param>
    public static Clock OfAll(long newestNs) => new(null, new StreamClock(0, 0, newestNs));

    public static Clock? Read(BinaryReader reader, CheckpointState state)
    {
        int id = reader.Read7BitEncodedInt();
        StreamCheckpoint? stream = state.FindStream(id);
        var clock = new StreamClock(reader.Read7BitEncodedInt64(), reader.Read7BitEncodedInt64(), reader.Read7BitEncodedInt64());
        return stream is null && id != AllStreams ? null : new Clock(stream, clock);
    }

    public static void Save(SnapshotWriter snapshot, StreamCheckpoint stream) => snapshot.Write(new Clock(stream, stream.Clock));

    public static void Save(SnapshotWriter snapshot)
    {
        if (snapshot.State.NewestSentNs != StreamClock.None)
        {
            snapshot.Write(OfAll(snapshot.State.NewestSentNs));
        }
    }

    public void Write(BinaryWriter writer, CheckpointState state)
    {
        writer.Write7BitEncodedInt(Stream?.Id ?? AllStreams);
        writer.Write7BitEncodedInt64(Value.LastRawNs);
        writer.Write7BitEncodedInt64(Value.LastSentNs);
        writer.Write7BitEncodedInt64(Value.NewestNs);
    }

    public void Apply(CheckpointState state)
    {
        if (Stream is not null)
        {
            Stream.Clock = Value;
        }
        else
        {
            state.NewestSentNs = Math.Max(state.NewestSentNs, Value.NewestNs);
        }
    }

    public void Commit(CheckpointWriter writer)
    {
        Apply(writer.State);
        if (Stream is null or { IsStored: true })
        {
            writer.Append(this);
        }
    }
}
