using System.Buffers;

namespace Shipper.Benchmarks.Receiving;

/// <summary>Bytes in a pooled array that grows. Not safe for concurrent use.</summary>
internal sealed class PooledBytes : IDisposable
{
    private byte[] _array = ArrayPool<byte>.Shared.Rent(1 << 20);

    public int Length { get; private set; }

    public ReadOnlySpan<byte> Span => _array.AsSpan(0, Length);

    /// <summary>Room behind what is there, at least as much as asked for.</summary>
    public Memory<byte> GetRoom(int bytes)
    {
        if (_array.Length - Length < bytes)
        {
            byte[] larger = ArrayPool<byte>.Shared.Rent(Math.Max(_array.Length * 2, Length + bytes));
            Span.CopyTo(larger);
            ArrayPool<byte>.Shared.Return(_array);
            _array = larger;
        }

        return _array.AsMemory(Length);
    }

    /// <summary>Takes what was written into the room.</summary>
    public void Advance(int bytes) => Length += bytes;

    /// <summary>The same bytes to read from.</summary>
    public MemoryStream AsStream() => new(_array, 0, Length, writable: false);

    public void Dispose()
    {
        ArrayPool<byte>.Shared.Return(_array);
        _array = [];
    }
}
