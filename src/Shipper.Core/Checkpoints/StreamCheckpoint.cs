using Shipper.Processing;

namespace Shipper.Checkpoints;

/// <summary>The saved state of a stream: the clock that its next record continues from, and how far each of its files is acknowledged.</summary>
/// <remarks>Changed only by <see cref="CheckpointStore"/>, under its lock; the lane that owns the stream may read it.</remarks>
/// <param name="id">Number that is unique in the state directory.</param>
/// <param name="key">Identifies the stream regardless of the configured labels: <c>namespace/pod/container</c>.</param>
internal sealed class StreamCheckpoint(int id, string key)
{
    public int Id { get; } = id;

    public string Key { get; } = key;

    public StreamClock Clock { get; internal set; } = StreamClock.Start;

    /// <summary>What the stages remember of the stream after its last acknowledged record; null if they remember nothing.</summary>
    public StageMemory? Memory { get; internal set; }

    public List<GenerationCheckpoint> Generations { get; } = new(1);

    /// <summary>The acknowledged journal cursor; null for streams of files, and before the first acknowledgement.</summary>
    public string? Cursor { get; internal set; }

    /// <summary>The journal cursor at which the stream's last push ended; null if unknown.</summary>
    public string? SentCursor { get; internal set; }

    /// <summary>The time window of the stream's last push; null if the times of the records don't depend on one.</summary>
    public TimeWindow? SentWindow { get; internal set; }

    /// <summary>True if nothing about the stream must be kept.</summary>
    public bool IsEmpty => Generations.Count == 0 && Cursor is null && SentCursor is null && Losses.Length == 0;

    /// <summary>Losses of the stream's logs that have not been reported, oldest first.</summary>
    public Loss[] Losses { get; internal set; } = [];

    /// <summary>True if the store's files contain this stream.</summary>
    internal bool IsStored { get; set; }
}
