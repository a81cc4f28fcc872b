using Shipper.Checkpoints;

namespace Shipper.Tailing.Streams;

/// <summary>Size of a generation's content, and how far it has been read.</summary>
/// <remarks>Owned by the lane of its stream; not thread-safe.</remarks>
/// <param name="checkpoint">The state that the previous agent saved.</param>
internal sealed class ReadState(GenerationCheckpoint checkpoint)
{
    /// <summary>Bytes of uncompressed content known to exist.</summary>
    public long Size { get; private set; } = checkpoint.Size;

    /// <summary>Number of bytes after <see cref="Size"/> that the file has but that can't be read.</summary>
    public long GivenUpBytes { get; private set; }

    /// <summary>Number of content bytes that were seen before the file was compressed.</summary>
    public long SeenBytes { get; private set; }

    /// <summary>
    /// Number of NUL bytes from <see cref="Size"/> to the end of the file. They are not content until something follows them: the space may only be reserved,
    /// and be written to later.
    /// </summary>
    public long TrailingNuls { get; private set; }

    /// <summary>The read position. Everything before it is in a batch or has been processed.</summary>
    public FilePosition Position { get; private set; } = checkpoint.Acknowledged;

    /// <summary>End of the scanned bytes; greater than <see cref="Position"/> if a line is incomplete.</summary>
    public long Scanned { get; private set; } = checkpoint.Acknowledged.Min;

    /// <summary>End of the bytes that have ever been read. Bytes before it are not counted again when they are re-read.</summary>
    public long ReadEnd { get; private set; }

    /// <summary>True once the end of a compressed file has been reached.</summary>
    public bool IsExhausted { get; private set; }

    /// <summary>
    /// When a compressed file that ends in the middle was found to have stopped growing, as a timestamp of the <see cref="TimeProvider"/>; null if the file
    /// can't be incomplete.
    /// </summary>
    public long? UnfinishedSince { get; private set; }

    /// <summary>Adapts to a new file with the same content.</summary>
    /// <param name="size">Length of its uncompressed content in bytes.</param>
    /// <param name="isGzip">True if the file is compressed.</param>
    /// <param name="wasGzip">True if the previous file was compressed.</param>
    public void Open(long size, bool isGzip, bool wasGzip)
    {
        SeenBytes = isGzip && !wasGzip ? Size : SeenBytes;
        Size = isGzip ? Math.Max(size, Position.Max) : size;
        TrailingNuls = 0;
        UnfinishedSince = null;

        // The trailer of a gzip file has the size modulo 2^32. If the position matches that, nothing is left to read.
        IsExhausted = isGzip && Position.Min > 0 && (uint)Position.Min == (uint)size;
    }

    /// <summary>Sets the size of a file that has grown, or in which NULs were overwritten.</summary>
    /// <param name="size">Length of its content in bytes.</param>
    public void Grow(long size)
    {
        Scanned = Math.Min(Scanned, Size);
        Size = size;
        TrailingNuls = 0;
    }

    /// <summary>Raises the size to the end of the bytes that were read.</summary>
    public void GrowTo(long end)
    {
        TrailingNuls = Math.Max(0, TrailingNuls - (end - Size));
        Size = end;
    }

    /// <summary>Records that a parked file was written to. Afterwards there is something to scan, even if the file became shorter.</summary>
    /// <param name="size">Length of the file in bytes.</param>
    public void OnChanged(long size)
    {
        Scanned = Math.Min(Scanned, Math.Max(0, size - 1));
        Size = Math.Max(Size, size);
        TrailingNuls = 0;
    }

    /// <summary>Raises the size to at least this number of bytes.</summary>
    public void RaiseTo(long size) => Size = Math.Max(Size, size);

    /// <summary>Lowers the size to at most this number of bytes.</summary>
    public void LimitTo(long size) => Size = Math.Min(Size, size);

    /// <summary>Reduces the size by bytes that are no longer expected.</summary>
    public void ShrinkBy(long bytes) => Size -= bytes;

    /// <summary>Ends the content at an offset for now, because only NULs follow.</summary>
    /// <param name="end">Offset of the end of the file.</param>
    public void EndWithNuls(long offset, long end)
    {
        Size = offset;
        TrailingNuls = end - offset;
    }

    /// <summary>Moves the position past the NULs at the end of a file that nobody writes to any more.</summary>
    public void SkipTrailingNuls()
    {
        Size += TrailingNuls;
        TrailingNuls = 0;
        SkipTo(Size);
    }

    /// <summary>Starts waiting for the rest of a compressed file that ends in the middle and may still be incomplete.</summary>
    /// <param name="now">The current timestamp.</param>
    public void AwaitRest(long now) => UnfinishedSince ??= now;

    /// <summary>Stops waiting, because the compressed file has grown.</summary>
    public void EndAwait() => UnfinishedSince = null;

    /// <summary>Sets the end of a compressed file's content.</summary>
    public void EndAt(long offset)
    {
        UnfinishedSince = null;
        IsExhausted = true;
        Size = offset;
    }

    /// <summary>Records that bytes up to an offset were read.</summary>
    public void OnRead(long end) => ReadEnd = Math.Max(ReadEnd, end);

    /// <summary>Moves the position: everything before it is in a batch, or dropped.</summary>
    public void MoveTo(FilePosition position) => Position = position;

    /// <summary>Records that bytes up to an offset were scanned.</summary>
    public void ScanTo(long end) => Scanned = end;

    /// <summary>Moves the position past bytes that have been processed, whether they were read or not.</summary>
    /// <param name="isEnd">True if the position is the end of a compressed file.</param>
    public void SkipTo(long position, bool isEnd = false)
    {
        Position = FilePosition.Both(position);
        Scanned = position;
        IsExhausted |= isEnd;
    }

    /// <summary>Rewinds to the acknowledged position.</summary>
    public void Rewind()
    {
        Position = checkpoint.Acknowledged;
        Scanned = Position.Min;
        IsExhausted = false;
    }

    /// <summary>Adapts to a file that became shorter.</summary>
    public void Truncate(long size)
    {
        Size = size;
        Position = Position.LimitedTo(size);
        Scanned = Position.Min;
    }

    /// <summary>Gives up the unread rest. The caller counts it as lost.</summary>
    public void GiveUpRest()
    {
        Size = Position.Min;
        Scanned = Position.Min;
        IsExhausted = true;
    }

    /// <summary>Adds to the number of bytes that can't be read.</summary>
    public void GiveUp(long bytes) => GivenUpBytes += bytes;

    /// <summary>Moves the position past the bytes that can't be read.</summary>
    public void SkipGivenUp()
    {
        Size += GivenUpBytes;
        GivenUpBytes = 0;
        SkipTo(Size);
    }
}
