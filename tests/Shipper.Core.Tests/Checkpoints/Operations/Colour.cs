using System.Runtime.CompilerServices;
using Shipper.Checkpoints;
using Shipper.Checkpoints.Operations;

namespace Shipper.Core.Tests.Checkpoints.Operations;

/// <summary>An operation that the agent does not have.</summary>
/// <remarks><code>200 stream:varint colour:string</code></remarks>
internal readonly record struct Colour(StreamCheckpoint Stream, string Value) : ICheckpointChange<Colour>
{
    private static readonly ConditionalWeakTable<StreamCheckpoint, string> Known = [];

    public static byte Code => 200;

    public static string? Of(StreamCheckpoint stream) => Known.TryGetValue(stream, out string? value) ? value : null;

    public static Colour? Read(BinaryReader reader, CheckpointState state)
    {
        StreamCheckpoint? stream = state.FindStream(reader.Read7BitEncodedInt());
        string value = reader.ReadString();
        return stream is null ? null : new Colour(stream, value);
    }

    public static void Save(SnapshotWriter snapshot, StreamCheckpoint stream)
    {
        if (Of(stream) is { } value)
        {
            snapshot.Write(new Colour(stream, value));
        }
    }

    public void Write(BinaryWriter writer, CheckpointState state)
    {
        writer.Write7BitEncodedInt(Stream.Id);
        writer.Write(Value);
    }

    public void Apply(CheckpointState state) => Known.AddOrUpdate(Stream, Value);

    public void Commit(CheckpointWriter writer)
    {
        Apply(writer.State);
        writer.Define(Stream);
        writer.Append(this);
    }
}
