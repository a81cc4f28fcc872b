using Shipper.Batching;
using Shipper.Loki;
using Shipper.Native;

namespace Shipper.Delivery;

/// <summary>A lane's own buffers for its requests, and the last response to one of them.</summary>
/// <param name="capacity">Upper bound in bytes of an uncompressed request.</param>
internal sealed class RequestBuffers(int capacity)
{
    private readonly SnappyEncoder _encoder = new();
    private readonly RequestLayout _layout = new();
    private readonly List<Range> _parts = [];
    private readonly byte[] _plain = GC.AllocateUninitializedArray<byte>(capacity);
    private readonly byte[] _compressed = GC.AllocateUninitializedArray<byte>(CompressedCapacity(capacity));

    private string? _lastAnswer;

    /// <summary>Computes the upper bound in bytes of a compressed request.</summary>
    /// <param name="capacity">Upper bound in bytes of the uncompressed request.</param>
    public static int CompressedCapacity(int capacity) => SnappyEncoder.MaxCompressedLength(capacity, RequestLayout.MaxParts(capacity));

    /// <summary>The last response, followed by the remedy if there is one; null before the first. Thread-safe.</summary>
    public string? LastAnswer
    {
        get => Volatile.Read(ref _lastAnswer);
        set => Volatile.Write(ref _lastAnswer, value);
    }

    /// <summary>Frees the memory until the next request is made. May be called between two requests.</summary>
    public void Release()
    {
        ResidentMemory.DiscardPages(_plain);
        ResidentMemory.DiscardPages(_compressed);
        _layout.Release();
    }

    /// <summary>Arranges the streams of a batch for requests.</summary>
    /// <returns>The layout, valid until the next batch is arranged.</returns>
    public RequestLayout Arrange(Batch batch)
    {
        _layout.Arrange(batch);
        return _layout;
    }

    /// <summary>Compresses a whole batch into a request.</summary>
    /// <returns>The compressed request, valid until the next one is made.</returns>
    public ReadOnlyMemory<byte> Compress(Batch batch)
    {
        _layout.Arrange(batch);
        if (!_layout.TryGetParts(batch, _parts))
        {
            return _compressed.AsMemory(0, _encoder.Compress(_layout.Group(batch, _plain), _compressed));
        }

        int total = 0;
        foreach (Range part in _parts)
        {
            total += batch.Bytes[part].Length;
        }

        int length = SnappyEncoder.Begin(total, _compressed);
        foreach (Range part in _parts)
        {
            length += _encoder.Append(batch.Bytes[part], _compressed.AsSpan(length));
        }

        return _compressed.AsMemory(0, length);
    }

    /// <summary>Compresses some records of a batch into a request.</summary>
    /// <returns>The compressed request, valid until the next one is made.</returns>
    public ReadOnlyMemory<byte> Compress(BatchSlices slices, ReadOnlySpan<BatchEntry> entries) =>
        _compressed.AsMemory(0, _encoder.Compress(_plain.AsSpan(0, slices.Write(entries, _plain)), _compressed));
}
