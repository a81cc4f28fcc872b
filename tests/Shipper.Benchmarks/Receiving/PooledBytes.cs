using System.Buffers;

namespace Shipper.Benchmarks.Receiving;

/// <summary>A growing buffer in a pooled array. Not thread-safe.</summary>
internal sealed class PooledBytes : IDisposable
{
    private byte[] _array = ArrayPool<byte>.Shared.Rent(1 << 20);

    public int Length { get; private set; }

    public ReadOnlySpan<byte> Span => _array.AsSpan(0, Length);

    /// <summary>Returns free space after the content, with at least the requested size.</summary>
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

    /// <summary>Adds the bytes that were written to the free space.</summary>
    public void Advance(int bytes) => Length += bytes;

    /// <summary>Returns a stream that reads the content.</summary>
    public MemoryStream AsStream() => new(_array, 0, Length, writable: false);

    public void Dispose()
    {
        ArrayPool<byte>.Shared.Return(_array);
        _array = [];
    }
}
