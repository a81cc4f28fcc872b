using Shipper.Batching;
using Shipper.Loki;
using Shipper.Native;

namespace Shipper.Delivery;

/// <summary>What a lane has of its own: room to make its requests in, and the last answer to one.</summary>
/// <param name="capacity">The most bytes of a request, uncompressed.</param>
internal sealed class LaneRequests(int capacity)
{
    private readonly SnappyEncoder _encoder = new();
    private readonly RequestLayout _layout = new();
    private readonly List<Range> _parts = [];
    private readonly byte[] _plain = GC.AllocateUninitializedArray<byte>(capacity);
    private readonly byte[] _compressed = GC.AllocateUninitializedArray<byte>(CompressedCapacity(capacity));

    private string? _lastAnswer;

    /// <summary>The most bytes of a request, compressed.</summary>
    /// <param name="capacity">The most bytes uncompressed.</param>
    public static int CompressedCapacity(int capacity) => SnappyEncoder.MaxCompressedLength(capacity, RequestLayout.MaxParts(capacity));

    /// <summary>The last answer, and what can be done where it was none to be glad of; null before the first. Safe for concurrent use.</summary>
    public string? LastAnswer
    {
        get => Volatile.Read(ref _lastAnswer);
        set => Volatile.Write(ref _lastAnswer, value);
    }

    /// <summary>Gives back the memory, between two requests, until the next one is made.</summary>
    public void Release()
    {
        ResidentMemory.Forget(_plain);
        ResidentMemory.Forget(_compressed);
        _layout.Release();
    }

    /// <summary>Arranges the streams of a batch for requests.</summary>
    /// <returns>The layout, valid until the next batch is arranged.</returns>
    public RequestLayout Arrange(Batch batch)
    {
        _layout.Arrange(batch);
        return _layout;
    }

    /// <summary>Makes a request of a whole batch.</summary>
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

    /// <summary>Makes a request of some records of a batch.</summary>
    /// <returns>The compressed request, valid until the next one is made.</returns>
    public ReadOnlyMemory<byte> Compress(BatchSlices slices, ReadOnlySpan<BatchEntry> entries) =>
        _compressed.AsMemory(0, _encoder.Compress(_plain.AsSpan(0, slices.Write(entries, _plain)), _compressed));
}
