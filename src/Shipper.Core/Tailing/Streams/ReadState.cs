using Shipper.Checkpoints;

namespace Shipper.Tailing.Streams;

/// <summary>How much content a generation has, and how much of it was read.</summary>
/// <remarks>Owned by the lane of its stream; not safe for concurrent use.</remarks>
/// <param name="checkpoint">What the agent before knew of it.</param>
internal sealed class ReadState(GenerationCheckpoint checkpoint)
{
    /// <summary>Bytes of uncompressed content known to exist.</summary>
    public long Size { get; private set; } = checkpoint.Size;

    /// <summary>Bytes behind <see cref="Size"/> that the file has and that can't be read.</summary>
    public long GivenUpBytes { get; private set; }

    /// <summary>Bytes of content that were seen before it was compressed.</summary>
    public long SeenBytes { get; private set; }

    /// <summary>
    /// NUL bytes behind <see cref="Size"/>, to the end of the file. They are not content until something follows them: if their place was only
    /// reserved, it is written to later.
    /// </summary>
    public long NulsBehind { get; private set; }

    /// <summary>The position of reading: what lies below is in a batch, or done with.</summary>
    public Offsets Position { get; private set; } = checkpoint.Acknowledged;

    /// <summary>Bytes looked at so far; more than <see cref="Position"/> where a line is not complete.</summary>
    public long Scanned { get; private set; } = checkpoint.Acknowledged.Min;

    /// <summary>The end of the furthest byte that was ever read. Bytes below it are not counted again.</summary>
    public long End { get; private set; }

    /// <summary>True once the end of a compressed file was reached.</summary>
    public bool IsExhausted { get; private set; }

    /// <summary>
    /// Since when a compressed file that ends in the middle has not grown, as a timestamp of the <see cref="TimeProvider"/>; null unless it may
    /// still be written.
    /// </summary>
    public long? Unfinished { get; private set; }

    /// <summary>A file holds the content now.</summary>
    /// <param name="size">Bytes of its uncompressed content.</param>
    /// <param name="isGzip">True if it is compressed.</param>
    /// <param name="wasGzip">True if the one before was.</param>
    public void Open(long size, bool isGzip, bool wasGzip)
    {
        SeenBytes = isGzip && !wasGzip ? Size : SeenBytes;
        Size = isGzip ? Math.Max(size, Position.Max) : size;
        NulsBehind = 0;
        Unfinished = null;

        // The trailer of a gzip file has the size modulo 2^32: where reading stands at such an end, nothing is left.
        IsExhausted = isGzip && Position.Min > 0 && (uint)Position.Min == (uint)size;
    }

    /// <summary>The file has grown, or its NULs were overwritten.</summary>
    /// <param name="size">Bytes of its content.</param>
    public void Grow(long size)
    {
        Scanned = Math.Min(Scanned, Size);
        Size = size;
        NulsBehind = 0;
    }

    /// <summary>Bytes behind the size that is known were read.</summary>
    /// <param name="end">Where they end.</param>
    public void GrowTo(long end)
    {
        NulsBehind = Math.Max(0, NulsBehind - (end - Size));
        Size = end;
    }

    /// <summary>The file was written to while it was parked. Also if it is shorter now, there is something to look at.</summary>
    /// <param name="size">Its length in bytes.</param>
    public void NoteChange(long size)
    {
        Scanned = Math.Min(Scanned, Math.Max(0, size - 1));
        Size = Math.Max(Size, size);
        NulsBehind = 0;
    }

    /// <summary>Raises the size to a number of bytes that exist.</summary>
    public void Expect(long size) => Size = Math.Max(Size, size);

    /// <summary>Lowers the size to a number of bytes; nothing behind them is expected.</summary>
    public void LimitTo(long size) => Size = Math.Min(Size, size);

    /// <summary>The last bytes are no longer expected.</summary>
    public void Forget(long bytes) => Size -= bytes;

    /// <summary>Ends the content, for now, where nothing but NULs follows to the end of the file.</summary>
    /// <param name="offset">The offset.</param>
    /// <param name="end">The end of the file.</param>
    public void EndWithNuls(long offset, long end)
    {
        Size = offset;
        NulsBehind = end - offset;
    }

    /// <summary>Moves the position behind the NULs at the end of a file that nothing more is written to.</summary>
    public void PassNulsBehind()
    {
        Size += NulsBehind;
        NulsBehind = 0;
        Pass(Size);
    }

    /// <summary>A compressed file ends in the middle: perhaps it is still being written.</summary>
    /// <param name="now">The present timestamp.</param>
    public void AwaitRest(long now) => Unfinished ??= now;

    /// <summary>A compressed file has grown.</summary>
    public void EndAwait() => Unfinished = null;

    /// <summary>A compressed file ends here.</summary>
    public void EndAt(long offset)
    {
        Unfinished = null;
        IsExhausted = true;
        Size = offset;
    }

    /// <summary>Bytes were read.</summary>
    /// <param name="end">Where they end.</param>
    public void NoteRead(long end) => End = Math.Max(End, end);

    /// <summary>What stands before the position is in a batch, or dropped.</summary>
    public void MoveTo(Offsets position) => Position = position;

    /// <summary>Bytes were looked at.</summary>
    /// <param name="end">Where they end.</param>
    public void ScanTo(long end) => Scanned = end;

    /// <summary>Everything before a position is done with, whether it was read or not.</summary>
    /// <param name="position">The position.</param>
    /// <param name="isEnd">True if that is the end of a compressed file.</param>
    public void Pass(long position, bool isEnd = false)
    {
        Position = Offsets.Both(position);
        Scanned = position;
        IsExhausted |= isEnd;
    }

    /// <summary>What is not acknowledged is read again.</summary>
    public void GoBack()
    {
        Position = checkpoint.Acknowledged;
        Scanned = Position.Min;
        IsExhausted = false;
    }

    /// <summary>The file is shorter than it was.</summary>
    public void CutTo(long size)
    {
        Size = size;
        Position = Position.UpTo(size);
        Scanned = Position.Min;
    }

    /// <summary>What was not read is lost.</summary>
    public void GiveUpRest()
    {
        Size = Position.Min;
        Scanned = Position.Min;
        IsExhausted = true;
    }

    /// <summary>The file has bytes that can't be read.</summary>
    public void GiveUp(long bytes) => GivenUpBytes += bytes;

    /// <summary>Moves the position behind the bytes that can't be read.</summary>
    public void PassGivenUp()
    {
        Size += GivenUpBytes;
        GivenUpBytes = 0;
        Pass(Size);
    }
}
