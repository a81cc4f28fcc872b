using Shipper.Content;

namespace Shipper.Checkpoints;

/// <summary>How far one generation of a log is acknowledged.</summary>
/// <remarks>Changed only by <see cref="CheckpointStore"/>, under its lock; the lane that owns the stream may read it.</remarks>
/// <param name="id">Number within the state directory.</param>
/// <param name="logPath">Path of the generation's log, under its unrotated name.</param>
internal sealed class GenerationCheckpoint(int id, string logPath)
{
    private List<Booking>? _bookings;

    public int Id { get; } = id;

    public string LogPath { get; internal set; } = logPath;

    /// <summary>Identity of the file.</summary>
    public FileIdentity Identity { get; internal set; }

    /// <summary>Proof of the content before an acknowledged position; no proof if the first bytes identify the file well enough.</summary>
    public FileProof Proof { get; internal set; }

    /// <summary>The file's inode when it was last stored: a tie-break between files that begin alike.</summary>
    public ulong Inode { get; internal set; }

    /// <summary>Everything before this position is acknowledged or was dropped for a counted reason.</summary>
    public Offsets Acknowledged { get; internal set; }

    /// <summary>Bytes of uncompressed content that the file was known to have.</summary>
    public long Size { get; internal set; }

    /// <summary>The last push that contained records of this generation; null if none is known.</summary>
    public SentRange? Sent { get; private set; }

    /// <summary>Bytes that were dropped or lost, over all runs of the agent; one entry for each reason.</summary>
    public IReadOnlyList<Booking> Bookings => _bookings ?? (IReadOnlyList<Booking>)[];

    /// <summary>
    /// When the previous run of the agent last wrote the checkpoint files, in nanoseconds since 1970; 0 if the generation was not in them. A file created later
    /// can't be this generation.
    /// </summary>
    public long WrittenNs { get; internal set; }

    /// <summary>True if the store's files contain this generation.</summary>
    internal bool IsStored { get; set; }

    /// <summary>Notes a push that is about to be sent. The file is at least as long as the push reaches.</summary>
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
    /// <returns>The reason's new total.</returns>
    internal Booking Book(Booking added)
    {
        Booking total = added with { Bytes = added.Bytes + Bookings.Where(known => known.IsLost == added.IsLost && known.Reason == added.Reason).Sum(known => known.Bytes) };
        SetBooking(total);
        return total;
    }
}
