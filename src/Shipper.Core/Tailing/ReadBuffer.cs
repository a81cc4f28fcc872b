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
    private long _turnBytes;

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

    /// <summary>True once as many bytes as fit were read since <see cref="BeginTurn"/>, and there may be more.</summary>
    public bool IsTurnOver => _turnBytes >= _bytes.Length && _position > 0 && !_isAtEnd;

    /// <summary>Bytes read since the last time this was set to 0.</summary>
    public long BytesRead { get; set; }

    /// <summary>Another stream's turn begins.</summary>
    public void BeginTurn(TailedStream stream)
    {
        _stream = stream;
        _turnBytes = 0;
    }

    /// <summary>Turns to a generation.</summary>
    public void Enter(Generation generation, long offset)
    {
        _generation = generation;
        _offset = offset;
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

        _filled += length;
        BytesRead += length;
        _turnBytes += length;
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
            length = _gzip.Read(generation, target, offset);
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
