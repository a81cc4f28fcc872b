using Shipper.Checkpoints;
using Shipper.Content;
using Shipper.Native;
using Shipper.Tailing.Losses;
using Shipper.Tailing.Streams;

namespace Shipper.Tailing.Reading;

/// <summary>Bytes that were read from a generation. The caller consumes them from the front. Offsets refer to the uncompressed content.</summary>
/// <remarks>Not thread-safe. Each lane has one. Views are valid until the next <see cref="Refill"/>.</remarks>
internal sealed class ReadBuffer : IDisposable
{
    private readonly byte[] _bytes;
    private readonly GzipReader _gzip;

    private TailedStream? _stream;
    private Generation? _generation;

    // The bytes [_position, _filled) have not been consumed; _offset is the content offset of the buffer's first byte.
    private long _offset;
    private int _position;
    private int _filled;
    private bool _isAtEnd;

    // End of the bytes that earlier turns read from the generation.
    private long _known;
    private int _revision;

    /// <param name="capacity">Buffer size in bytes: that of one read(2).</param>
    public ReadBuffer(int capacity, TailingServices services, LossRecorder losses)
    {
        _bytes = GC.AllocateUninitializedArray<byte>(capacity);
        _gzip = new GzipReader(services, losses);
    }

    /// <summary>The bytes that have not been consumed.</summary>
    public ReadOnlySpan<byte> Unread => _bytes.AsSpan(_position, _filled - _position);

    /// <summary>The consumed bytes before <see cref="Unread"/> that are still in the buffer.</summary>
    public ReadOnlySpan<byte> Consumed => _bytes.AsSpan(0, _position);

    public bool IsEmpty => _position == _filled;

    /// <summary>Offset at which <see cref="Unread"/> begins.</summary>
    public long Offset => _offset + _position;

    /// <summary>Offset at which <see cref="Unread"/> ends.</summary>
    public long End => _offset + _filled;

    /// <summary>True if the buffer has no room for <see cref="Refill"/> because nothing was consumed.</summary>
    public bool IsFull => _filled == _bytes.Length && !_isAtEnd;

    /// <summary>Size of the smallest character in bytes. Only whole NUL characters are counted.</summary>
    public int UnitBytes { get; set; } = 1;

    /// <summary>Buffer size in bytes: that of one read(2).</summary>
    public int Capacity => _bytes.Length;

    /// <summary>True if the next <see cref="Refill"/> may read more: bytes were consumed, and the end was not reached.</summary>
    public bool MayHaveMore => _position > 0 && !_isAtEnd;

    /// <summary>Number of bytes read for the first time since this was last set to 0. Bytes that an earlier turn read don't count.</summary>
    public long BytesRead { get; set; }

    /// <summary>Number of bytes that this turn read for the first time.</summary>
    public long NewBytes { get; private set; }

    /// <summary>Number of bytes that this turn read or decompressed only to reach the end of the previous turn.</summary>
    public long RepeatedBytes { get; private set; }

    /// <summary>Begins the turn of a stream.</summary>
    public void BeginTurn(TailedStream stream)
    {
        _stream = stream;
        NewBytes = 0;
        RepeatedBytes = 0;
    }

    /// <summary>Switches to a generation.</summary>
    /// <param name="position">The generation's position. Reading begins at the smaller offset, and had reached the larger one before.</param>
    public void Enter(Generation generation, FilePosition position)
    {
        _known = position.Max;
        UnitBytes = 1;

        // If no other stream was read in between, continue without decompressing everything again.
        if (generation.IsGzip && generation == _generation && generation.File.Revision == _revision && position.Min >= _offset && position.Min <= End)
        {
            _position = (int)(position.Min - _offset);
            _isAtEnd &= generation.Progress.IsExhausted;
            return;
        }

        _generation = generation;
        _revision = generation.File.Revision;
        _offset = position.Min;
        _position = 0;
        _filled = 0;
        _isAtEnd = false;
    }

    /// <summary>Consumes bytes at the beginning of <see cref="Unread"/>.</summary>
    public void Consume(int length) => _position += length;

    /// <summary>Reads more bytes, after those that have not been consumed.</summary>
    /// <returns>False at the end, or if one line fills the buffer.</returns>
    /// <exception cref="IOException">The file can't be read.</exception>
    public bool Refill()
    {
        if (_isAtEnd)
        {
            return false;
        }

        if (_position > 0)
        {
            Unread.CopyTo(_bytes);
            _offset += _position;
            _filled -= _position;
            _position = 0;
        }

        Span<byte> free = _bytes.AsSpan(_filled);
        if (free.IsEmpty)
        {
            return false;
        }

        Generation generation = _generation!;
        int before = _filled;
        int length = 0;
        if (generation.IsGzip)
        {
            length = _gzip.Read(_stream!, generation, free, End, out long passed);
            RepeatedBytes += passed;
        }
        else
        {
            length = RandomAccess.Read(generation.Handle!, free, End);
        }

        if (!generation.IsGzip && length > 0 && !generation.TryAcceptRead(End + length))
        {
            // The file was truncated, and the next check will notice that.
            length = 0;
        }

        int repeated = (int)Math.Clamp(_known - End, 0, length);
        RepeatedBytes += repeated;
        NewBytes += length - repeated;
        _filled += length;
        BytesRead += Math.Clamp(End - generation.Progress.ReadEnd, 0, length);
        generation.Progress.OnRead(End);
        _isAtEnd = generation.IsGzip ? length == 0 : length < free.Length;
        if (_isAtEnd && _filled > _position && _bytes[_filled - 1] == 0)
        {
            EndBefore(NulsAtEnd, End);
        }

        return _filled > before;
    }

    /// <summary>Tries again to read at the previous end of the file, because the file may have grown.</summary>
    /// <returns>False if the file has not grown.</returns>
    /// <exception cref="IOException">The file can't be read.</exception>
    public bool RetryRefill()
    {
        Generation generation = _generation!;
        if (generation.TrailingNuls > 0 && !generation.HaveTrailingNulsChanged
            && FileStatus.OfHandle(generation.Handle!, out FileStatus status) == 0 && status.Size == generation.Size + generation.TrailingNuls)
        {
            return false;
        }

        _isAtEnd = false;
        return Refill() || !_isAtEnd;
    }

    /// <summary>Consumes all NULs at the beginning of <see cref="Unread"/> and in the file after it, however many there are.</summary>
    /// <returns>Number of NULs; 0 if nothing follows them, because such NULs are not part of the content.</returns>
    /// <exception cref="IOException">The file can't be read.</exception>
    public long ConsumeNuls()
    {
        long start = Offset;
        do
        {
            int nuls = Unread.IndexOfAnyExcept((byte)0);
            if (nuls >= 0)
            {
                // A writer may be filling reserved space right now: it overwrites the NULs before it writes the bytes after them.
                Consume(nuls - (int)((Offset + nuls) % UnitBytes));
                return _generation!.IsGzip || NulBytes.IsAt(_generation.Handle!, start) ? Offset - start : RewindTo(start);
            }

            Consume(Unread.Length);
        }
        while (_generation!.IsGzip ? Refill() : TrySkipNuls());

        long end = Math.Max(End, _generation.Size + _generation.TrailingNuls);
        RewindTo(start);
        _isAtEnd = true;
        _generation.Progress.EndWithNuls(start, end);
        return 0;
    }

    /// <summary>Ends the content before the NULs at the end of <see cref="Unread"/> if only NULs follow in the file.</summary>
    /// <exception cref="IOException">The file can't be read.</exception>
    public bool TryEndBeforeNuls()
    {
        if (_generation!.IsGzip || NulBytes.TryFindNonNul(_generation.Handle!, End, out long end))
        {
            return false;
        }

        EndBefore(NulsAtEnd, end);
        _isAtEnd = true;
        return true;
    }

    /// <summary>Reads the beginning of the generation's content, compressed or not.</summary>
    /// <exception cref="IOException">The file can't be read.</exception>
    public int ReadHead(Span<byte> head)
    {
        if (!_generation!.IsGzip)
        {
            return RandomAccess.Read(_generation.Handle!, head, 0);
        }

        using var content = new GzipDecompressor(_generation.Handle!);
        return content.Read(head);
    }

    public void Dispose() => _gzip.Dispose();

    /// <summary>Number of NULs at the end of <see cref="Unread"/>.</summary>
    private int NulsAtEnd
    {
        get
        {
            int nuls = Unread.Length - (Unread.LastIndexOfAnyExcept((byte)0) + 1);
            return nuls - (int)((End - nuls) % UnitBytes);
        }
    }

    private bool TrySkipNuls()
    {
        if (!NulBytes.TryFindNonNul(_generation!.Handle!, End, out long other))
        {
            _generation.TryAcceptRead(other);
            return false;
        }

        _offset = other / UnitBytes * UnitBytes;
        _position = 0;
        _filled = 0;
        return Refill();
    }

    private long RewindTo(long offset)
    {
        _offset = offset;
        _position = 0;
        _filled = 0;
        _isAtEnd = false;
        return 0;
    }

    private void EndBefore(int nuls, long end)
    {
        if (nuls > 0)
        {
            _filled -= nuls;
            _generation!.Progress.EndWithNuls(End, end);
        }
    }
}
