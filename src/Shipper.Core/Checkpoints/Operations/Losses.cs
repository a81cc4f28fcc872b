using Shipper.Loki;

namespace Shipper.Checkpoints.Operations;

/// <summary>All unreported losses of a stream.</summary>
/// <remarks>
/// <code>
/// 12 stream:varint count:varint *loss
/// loss = bytes:varint from:varint to:varint reasons:string logPath:string sent:varint [attributes:varint]
/// </code>
/// If sent is 0, the loss is in no batch yet, and no attributes follow.
/// </remarks>
/// <param name="Pending">The losses, oldest first.</param>
internal readonly record struct Losses(StreamCheckpoint Stream, Loss[] Pending) : ICheckpointChange<Losses>, IStreamFact<Losses, Loss[]>
{
    public static byte Code => 12;

    public static Losses Of(StreamCheckpoint stream, Loss[] value) => new(stream, value);

    public static Losses? Read(BinaryReader reader, CheckpointState state)
    {
        StreamCheckpoint? stream = state.FindStream(reader.Read7BitEncodedInt());
        int count = reader.Read7BitEncodedInt();
        var losses = new List<Loss>();
        for (int i = 0; i < count; i++)
        {
            losses.Add(ReadLoss(reader, state));
        }

        if (count < 0 || losses.Exists(loss => loss.Bytes < 0))
        {
            throw new FormatException("not a number of losses or bytes");
        }

        return stream is null ? null : new Losses(stream, [.. losses]);
    }

    public static void Save(SnapshotWriter snapshot, StreamCheckpoint stream)
    {
        if (stream.Losses.Length > 0)
        {
            foreach (StreamAttributes attributes in stream.Losses.Select(loss => loss.Attributes).OfType<StreamAttributes>())
            {
                snapshot.Define(attributes);
            }

            snapshot.Write(new Losses(stream, stream.Losses));
        }
    }

    public void Write(BinaryWriter writer, CheckpointState state)
    {
        writer.Write7BitEncodedInt(Stream.Id);
        writer.Write7BitEncodedInt(Pending.Length);
        foreach (Loss loss in Pending)
        {
            writer.Write7BitEncodedInt64(loss.Bytes);
            writer.Write7BitEncodedInt64(loss.FromNs);
            writer.Write7BitEncodedInt64(loss.ToNs);
            writer.Write(loss.Reasons);
            writer.Write(loss.LogPath);
            writer.Write7BitEncodedInt64(loss.Attributes is null ? 0 : loss.SentNs);
            if (loss.Attributes is { } attributes)
            {
                writer.Write7BitEncodedInt(state.GetOrAddId(attributes, out _));
            }
        }
    }

    public void Apply(CheckpointState state) => Stream.Losses = Pending;

    public void Commit(CheckpointWriter writer)
    {
        // The stream may have been forgotten with its last generation.
        writer.State.AddStream(Stream);
        Apply(writer.State);
        writer.Define(Stream);
        foreach (StreamAttributes attributes in Pending.Select(loss => loss.Attributes).OfType<StreamAttributes>())
        {
            writer.Define(attributes);
        }

        writer.Append(this);
    }

    private static Loss ReadLoss(BinaryReader reader, CheckpointState state)
    {
        var loss = new Loss(
            reader.Read7BitEncodedInt64(), reader.Read7BitEncodedInt64(), reader.Read7BitEncodedInt64(), reader.ReadString(), reader.ReadString());
        long sentNs = reader.Read7BitEncodedInt64();
        return sentNs == 0 ? loss : loss with { SentNs = sentNs, Attributes = state.FindAttributes(reader.Read7BitEncodedInt()) };
    }
}
