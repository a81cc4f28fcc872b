using Shipper.Content;

namespace Shipper.Checkpoints.Operations;

/// <summary>The identity of a generation's file, and how far it is acknowledged.</summary>
/// <remarks><code>4 generation:varint hash:uint64 length:varint inode:varint stdout:varint stderr:varint size:varint</code></remarks>
/// <param name="Identity">Identity of the file.</param>
/// <param name="Inode">The file's inode.</param>
/// <param name="Acknowledged">Everything before this position is acknowledged or was dropped for a counted reason.</param>
/// <param name="Size">Bytes of uncompressed content that the file is known to have.</param>
internal readonly record struct Position(GenerationCheckpoint Generation, FileIdentity Identity, ulong Inode, FilePosition Acknowledged, long Size) : ICheckpointOperation<Position>
{
    public static byte Code => 4;

    public static Position? Read(BinaryReader reader, CheckpointState state)
    {
        GenerationCheckpoint? generation = state.FindGeneration(reader.Read7BitEncodedInt());
        var identity = new FileIdentity(reader.ReadUInt64(), reader.Read7BitEncodedInt());
        ulong inode = (ulong)reader.Read7BitEncodedInt64();
        var acknowledged = new FilePosition(reader.Read7BitEncodedInt64(), reader.Read7BitEncodedInt64());
        long size = reader.Read7BitEncodedInt64();
        if (identity.Length is < 0 or > FileIdentity.MaxLength || acknowledged.Min < 0)
        {
            throw new FormatException("not a position");
        }

        return generation is null ? null : new Position(generation, identity, inode, acknowledged, size);
    }

    public static void Save(SnapshotWriter snapshot, GenerationCheckpoint generation) =>
        snapshot.Write(new Position(generation, generation.Identity, generation.Inode, generation.Acknowledged, generation.Size));

    public void Write(BinaryWriter writer, CheckpointState state)
    {
        writer.Write7BitEncodedInt(Generation.Id);
        writer.Write(Identity.Hash);
        writer.Write7BitEncodedInt(Identity.Length);
        writer.Write7BitEncodedInt64((long)Inode);
        writer.Write7BitEncodedInt64(Acknowledged.Stdout);
        writer.Write7BitEncodedInt64(Acknowledged.Stderr);
        writer.Write7BitEncodedInt64(Size);
    }

    public void Apply(CheckpointState state)
    {
        Generation.Identity = Identity;
        Generation.Inode = Inode;
        Generation.Acknowledged = Acknowledged;
        Generation.Size = Size;
    }
}
