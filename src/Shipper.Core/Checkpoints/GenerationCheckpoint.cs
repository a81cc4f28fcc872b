using Shipper.Content;

namespace Shipper.Checkpoints;

/// <summary>How far one generation of a log file is acknowledged.</summary>
/// <remarks>Changed only by <see cref="CheckpointStore"/>, under its lock; the lane that owns the stream may read it.</remarks>
/// <param name="id">Number within the state directory.</param>
/// <param name="logPath">Path of the log that this is a generation of, under its unrotated name.</param>
internal sealed class GenerationCheckpoint(int id, string logPath)
{
    private List<Booking>? _bookings;

    public int Id { get; } = id;

    public string LogPath { get; internal set; } = logPath;

    /// <summary>Who the file is.</summary>
    public FileIdentity Identity { get; internal set; }

    /// <summary>What stands before a position that was acknowledged; no proof if the beginning tells enough.</summary>
    public FileProof Proof { get; internal set; }

    /// <summary>The file's inode when it was last written down: a tie-break between files that begin alike.</summary>
    public ulong Inode { get; internal set; }

    /// <summary>Everything below is acknowledged or was dropped for a counted reason.</summary>
    public Offsets Acknowledged { get; internal set; }

    /// <summary>Bytes of uncompressed content that the file was known to have.</summary>
    public long Size { get; internal set; }

    /// <summary>The last push that had records of it; null if none is known.</summary>
    public SentRange? Sent { get; private set; }

    /// <summary>Bytes that went another way than to Loki, in all lives of the agent; one for each reason.</summary>
    public IReadOnlyList<Booking> Bookings => _bookings ?? (IReadOnlyList<Booking>)[];

    /// <summary>When the agent before last wrote to the files that it was read from, in nanoseconds since 1970; 0 if it is new. No younger file is this generation.</summary>
    public long WrittenNs { get; internal set; }

    /// <summary>True once the generation is written in the files of the store.</summary>
    internal bool IsStored { get; set; }

    /// <summary>A push is about to go: the file has all that it has records of.</summary>
    internal void SetSent(SentRange sent)
    {
        Sent = sent;
        Size = Math.Max(Size, sent.End.Max);
    }

    /// <summary>Sets the bytes of a reason.</summary>
    internal void SetBooking(Booking booking)
    {
        _bookings ??= [];
        _bookings.RemoveAll(known => known.IsLost == booking.IsLost && known.Reason == booking.Reason);
        _bookings.Add(booking);
    }

    /// <summary>Adds to the bytes of a reason.</summary>
    /// <returns>What there is of it now.</returns>
    internal Booking Book(Booking added)
    {
        Booking total = added with { Bytes = added.Bytes + Bookings.Where(known => known.IsLost == added.IsLost && known.Reason == added.Reason).Sum(known => known.Bytes) };
        SetBooking(total);
        return total;
    }
}
