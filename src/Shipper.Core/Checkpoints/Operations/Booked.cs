namespace Shipper.Checkpoints.Operations;

/// <summary>Total number of a generation's bytes that were dropped or lost for one reason.</summary>
/// <remarks>
/// <code>13 generation:varint lost:byte reason:string bytes:varint</code>
/// Lost is 0 for bytes that were read and dropped, and 1 for bytes that were gone before they could be read.
/// </remarks>
/// <param name="Booking">The reason and the bytes. In the files this is the total; in a change to commit, it is the number to add.</param>
internal readonly record struct Booked(GenerationCheckpoint Generation, Booking Booking) : ICheckpointChange<Booked>
{
    public static byte Code => 13;

    public static Booked? Read(BinaryReader reader, CheckpointState state)
    {
        GenerationCheckpoint? generation = state.FindGeneration(reader.Read7BitEncodedInt());
        var booking = new Booking(reader.ReadBoolean(), reader.ReadString(), reader.Read7BitEncodedInt64());
        if (booking.Bytes < 0)
        {
            throw new FormatException("not a number of bytes");
        }

        return generation is null ? null : new Booked(generation, booking);
    }

    public static void Save(SnapshotWriter snapshot, GenerationCheckpoint generation)
    {
        foreach (Booking booking in generation.Bookings)
        {
            snapshot.Write(new Booked(generation, booking));
        }
    }

    public void Write(BinaryWriter writer, CheckpointState state)
    {
        writer.Write7BitEncodedInt(Generation.Id);
        writer.Write(Booking.IsLost);
        writer.Write(Booking.Reason);
        writer.Write7BitEncodedInt64(Booking.Bytes);
    }

    public void Apply(CheckpointState state) => Generation.SetBooking(Booking);

    public void Commit(CheckpointWriter writer)
    {
        Booking total = Generation.Book(Booking);
        if (Generation.IsStored)
        {
            writer.Append(new Booked(Generation, total));
        }
    }
}
