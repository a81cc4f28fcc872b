namespace Shipper.Checkpoints.Operations;

/// <summary>Total number of a generation's bytes that were dropped or lost for one reason.</summary>
/// <remarks>
/// <code>13 generation:varint lost:byte reason:string bytes:varint</code>
/// Lost is 0 for bytes that were read and dropped, and 1 for bytes that were gone before they could be read.
/// </remarks>
/// <param name="Entry">The reason and the bytes. In the files this is the total; in a change to commit, it is the number to add.</param>
internal readonly record struct LedgerUpdate(GenerationCheckpoint Generation, LedgerEntry Entry) : ICheckpointChange<LedgerUpdate>
{
    public static byte Code => 13;

    public static LedgerUpdate? Read(BinaryReader reader, CheckpointState state)
    {
        GenerationCheckpoint? generation = state.FindGeneration(reader.Read7BitEncodedInt());
        var ledgerEntry = new LedgerEntry(reader.ReadBoolean(), reader.ReadString(), reader.Read7BitEncodedInt64());
        if (ledgerEntry.Bytes < 0)
        {
            throw new FormatException("not a number of bytes");
        }

        return generation is null ? null : new LedgerUpdate(generation, ledgerEntry);
    }

    public static void Save(SnapshotWriter snapshot, GenerationCheckpoint generation)
    {
        foreach (LedgerEntry ledgerEntry in generation.LedgerEntries)
        {
            snapshot.Write(new LedgerUpdate(generation, ledgerEntry));
        }
    }

    public void Write(BinaryWriter writer, CheckpointState state)
    {
        writer.Write7BitEncodedInt(Generation.Id);
        writer.Write(Entry.IsLost);
        writer.Write(Entry.Reason);
        writer.Write7BitEncodedInt64(Entry.Bytes);
    }

    public void Apply(CheckpointState state) => Generation.SetLedgerEntry(Entry);

    public void Commit(CheckpointWriter writer)
    {
        LedgerEntry total = Generation.AddToLedger(Entry);
        if (Generation.IsStored)
        {
            writer.Append(new LedgerUpdate(Generation, total));
        }
    }
}
