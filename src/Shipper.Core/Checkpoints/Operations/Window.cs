namespace Shipper.Checkpoints.Operations;

/// <summary>The time window that determines the times of a stream's records in a push that is about to be sent.</summary>
/// <remarks>
/// <code>
/// 16 stream:varint ( 0 / 1 window )
/// window = from:varint to:varint newestTo:varint oldTo:varint present:varint maxBehind:varint
/// </code>
/// All times are in nanoseconds since 1970. The value is just 0 if no time depends on a window.
/// </remarks>
/// <param name="Value">The window; null if no time depends on one.</param>
internal readonly record struct Window(StreamCheckpoint Stream, TimeWindow? Value) : ICheckpointChange<Window>, IStreamFact<Window, TimeWindow?>
{
    public static byte Code => 16;

    public static Window Of(StreamCheckpoint stream, TimeWindow? value) => new(stream, value);

    public static Window? Read(BinaryReader reader, CheckpointState state)
    {
        StreamCheckpoint? stream = state.FindStream(reader.Read7BitEncodedInt());
        TimeWindow? window = reader.ReadBoolean()
            ? new TimeWindow(
                reader.Read7BitEncodedInt64(), reader.Read7BitEncodedInt64(), reader.Read7BitEncodedInt64(),
                reader.Read7BitEncodedInt64(), reader.Read7BitEncodedInt64(), reader.Read7BitEncodedInt64())
            : null;
        return stream is null ? null : new Window(stream, window);
    }

    public static void Save(SnapshotWriter snapshot, StreamCheckpoint stream)
    {
        if (stream.SentWindow is not null)
        {
            snapshot.Write(new Window(stream, stream.SentWindow));
        }
    }

    public void Write(BinaryWriter writer, CheckpointState state)
    {
        writer.Write7BitEncodedInt(Stream.Id);
        writer.Write(Value is not null);
        if (Value is { } window)
        {
            writer.Write7BitEncodedInt64(window.FromNs);
            writer.Write7BitEncodedInt64(window.ToNs);
            writer.Write7BitEncodedInt64(window.MaxNewestNs);
            writer.Write7BitEncodedInt64(window.TooOldTargetNs);
            writer.Write7BitEncodedInt64(window.PresentNs);
            writer.Write7BitEncodedInt64(window.MaxBehindNs);
        }
    }

    public void Apply(CheckpointState state) => Stream.SentWindow = Value;

    public void Commit(CheckpointWriter writer)
    {
        Apply(writer.State);
        writer.Define(Stream);
        writer.Append(this);
    }
}
