using Shipper.Telemetry;

namespace Shipper.Tailing;

/// <summary>
/// What was read of a generation and is not taken yet. Offsets are those of the uncompressed content.
/// </summary>
/// <remarks>Not safe for concurrent use. A lane has one. Views are valid until the next <see cref="Refill"/>.</remarks>
internal sealed class ReadBuffer : IDisposable
{
    private readonly byte[] _bytes;
    private readonly GzipContent _gzip = new();
    private readonly ITailingObserver _observer;

    private TailedStream? _stream;
    private Generation? _generation;

    // Bytes [_position, _filled) are not taken yet; _offset is where the first byte of the buffer stands in the content.
    private long _offset;
    private int _position;
    private int _filled;
    private bool _isAtEnd;

    // Up to here the generation was read in an earlier turn.
    private long _known;
    private int _revision;

    /// <param name="capacity">Bytes of one read(2).</param>
    /// <param name="observer">Is told what is lost.</param>
    public ReadBuffer(int capacity, ITailingObserver observer)
    {
        _bytes = GC.AllocateUninitializedArray<byte>(capacity);
        _observer = observer;
    }

    /// <summary>What is not taken yet.</summary>
    public ReadOnlySpan<byte> Unread => _bytes.AsSpan(_position, _filled - _position);

    public bool IsEmpty => _position == _filled;

    /// <summary>Where <see cref="Unread"/> begins.</summary>
    public long Offset => _offset + _position;

    /// <summary>Where <see cref="Unread"/> ends.</summary>
    public long End => _offset + _filled;

    /// <summary>True where <see cref="Refill"/> failed because nothing was taken.</summary>
    public bool IsFull => _filled == _bytes.Length && !_isAtEnd;

    /// <summary>Bytes of one read(2).</summary>
    public int Capacity => _bytes.Length;

    /// <summary>True where the next <see cref="Refill"/> goes on behind what was taken.</summary>
    public bool MayHaveMore => _position > 0 && !_isAtEnd;

    /// <summary>Bytes read since the last time this was set to 0.</summary>
    public long BytesRead { get; set; }

    /// <summary>Bytes of this turn that no turn before it had read.</summary>
    public long NewBytes { get; private set; }

    /// <summary>Bytes of this turn that were read, or inflated, only to come to where the last one ended.</summary>
    public long RepeatedBytes { get; private set; }

    /// <summary>A stream's turn begins.</summary>
    public void BeginTurn(TailedStream stream)
    {
        _stream = stream;
        NewBytes = 0;
        RepeatedBytes = 0;
    }

    /// <summary>Turns to a generation.</summary>
    /// <param name="generation">The generation.</param>
    /// <param name="position">Its position: reading begins at the smaller of the two, and has been at the larger one before.</param>
    public void Enter(Generation generation, Offsets position)
    {
        _known = position.Max;

        // Where no other had its turn in between, going on must not mean to inflate all of it again.
        if (generation.IsGzip && generation == _generation && generation.Revision == _revision && position.Min >= _offset && position.Min <= End)
        {
            _position = (int)(position.Min - _offset);
            return;
        }

        _generation = generation;
        _revision = generation.Revision;
        _offset = position.Min;
        _position = 0;
        _filled = 0;
        _isAtEnd = false;
    }

    /// <summary>Takes bytes from the beginning of <see cref="Unread"/>.</summary>
    public void Take(int length) => _position += length;

    /// <summary>Reads more behind what is not taken yet.</summary>
    /// <returns>False at the end, or where the buffer is full of one line.</returns>
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
        int length = generation.IsGzip ? ReadGzip(generation, free, End) : RandomAccess.Read(generation.Handle!, free, End);
        if (!generation.IsGzip && length > 0 && !generation.TryTake(End + length))
        {
            // The next look at the file finds out.
            length = 0;
        }

        int repeated = (int)Math.Clamp(_known - End, 0, length);
        RepeatedBytes += repeated;
        NewBytes += length - repeated;
        _filled += length;
        BytesRead += length;
        _isAtEnd = generation.IsGzip ? length == 0 : length < free.Length;
        return length > 0;
    }

    /// <summary>Reads on where the end was found before, since the file may have grown.</summary>
    /// <returns>False where that is the end still.</returns>
    /// <exception cref="IOException">The file can't be read.</exception>
    public bool RefillAgain()
    {
        _isAtEnd = false;
        return Refill() || !_isAtEnd;
    }

    public void Dispose() => _gzip.Dispose();

    private int ReadGzip(Generation generation, Span<byte> target, long offset)
    {
        int length = 0;
        string? damage = null;
        try
        {
            length = _gzip.Read(generation, target, offset, out long passed);
            RepeatedBytes += passed;
        }
        catch (InvalidDataException e)
        {
            damage = e.Message;
        }

        if (length == 0)
        {
            if (damage is not null || !GzipContent.EndsWith(generation.Handle!, generation.Status.Size, offset))
            {
                _observer.GzipDamaged(generation, offset, damage ?? "it was cut, or something follows it");
            }

            if (generation.Size > offset)
            {
                _observer.BytesLost(_stream!, generation, LossReasons.DamagedGzip, generation.Size - offset);
            }

            generation.IsExhausted = true;
            generation.Size = offset;
            _gzip.Close();
        }

        return length;
    }
}
