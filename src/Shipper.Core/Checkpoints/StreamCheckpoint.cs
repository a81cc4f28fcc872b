namespace Shipper.Checkpoints;

/// <summary>
/// What is kept of a stream: the clock its next record continues, and how far each of its files is acknowledged.
/// </summary>
/// <remarks>Changed only by <see cref="CheckpointStore"/>, under its lock; the lane that owns the stream may read it.</remarks>
/// <param name="id">Number within the state directory.</param>
/// <param name="key">What the stream is, independent of configured labels: <c>namespace/pod/container</c>.</param>
internal sealed class StreamCheckpoint(int id, string key)
{
    public int Id { get; } = id;

    public string Key { get; } = key;

    public StreamClock Clock { get; internal set; } = StreamClock.Start;

    public List<GenerationCheckpoint> Generations { get; } = new(1);

    /// <summary>The cursor of a stream that is read from the journal, where it has one; null for streams of files.</summary>
    public string? Cursor { get; internal set; }

    /// <summary>Where the last push of it ended in the journal; null where none is known.</summary>
    public string? SentCursor { get; internal set; }

    /// <summary>The time window of its last push; null if the times of the records don't depend on one.</summary>
    public TimeWindow? SentWindow { get; internal set; }

    /// <summary>True where nothing has to be kept of the stream.</summary>
    public bool IsEmpty => Generations.Count == 0 && Cursor is null && SentCursor is null && Losses.Length == 0;

    /// <summary>Losses of its logs that are not reported yet, oldest first.</summary>
    public Loss[] Losses { get; internal set; } = [];

    /// <summary>True once the stream is written in the files of the store.</summary>
    internal bool IsStored { get; set; }
}
