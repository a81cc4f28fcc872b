namespace Shipper.Checkpoints;

/// <summary>What one answer of Loki changes, collected so that it costs one write.</summary>
/// <remarks>Not safe for concurrent use: each lane has its own and reuses it.</remarks>
internal sealed class CheckpointChanges
{
    /// <summary>The streams' new clocks.</summary>
    public List<(StreamCheckpoint Stream, StreamClock Clock)> Clocks { get; } = [];

    /// <summary>Generations that belong to another log now, or to the same one in another directory.</summary>
    public List<(GenerationCheckpoint Generation, StreamCheckpoint Stream, string LogPath)> Moves { get; } = [];

    /// <summary>The generations' new positions.</summary>
    public List<(StreamCheckpoint Stream, CheckpointUpdate Update)> Updates { get; } = [];

    /// <summary>What is about to be sent. The generations must be stored, or among <see cref="Updates"/>.</summary>
    public List<(GenerationCheckpoint Generation, SentRange Sent)> Sent { get; } = [];

    /// <summary>The newest time of a record that is about to be sent, in nanoseconds since 1970.</summary>
    public long NewestSentNs { get; set; } = StreamClock.None;

    /// <summary>The time windows that records are about to be sent with, of the streams that need one; null to forget it.</summary>
    public Dictionary<StreamCheckpoint, TimeWindow?> Windows { get; } = [];

    /// <summary>Bytes that went another way than to Loki, to be added to what is known of their generation.</summary>
    public List<(GenerationCheckpoint Generation, Booking Booking)> Bookings { get; } = [];

    /// <summary>New cursors of streams that are read from the journal.</summary>
    public List<(StreamCheckpoint Stream, string Cursor)> Cursors { get; } = [];

    /// <summary>Where pushes that are about to go end in the journal.</summary>
    public List<(StreamCheckpoint Stream, string Cursor)> SentCursors { get; } = [];

    /// <summary>The losses that are not reported yet, of the streams whose losses changed.</summary>
    public Dictionary<StreamCheckpoint, Loss[]> Losses { get; } = [];

    /// <summary>Generations that are gone.</summary>
    public List<GenerationCheckpoint> Removals { get; } = [];

    public bool IsEmpty => Clocks.Count == 0 && Moves.Count == 0 && Updates.Count == 0 && Sent.Count == 0 && NewestSentNs == StreamClock.None && Windows.Count == 0 && Bookings.Count == 0 && Cursors.Count == 0 && SentCursors.Count == 0 && Losses.Count == 0 && Removals.Count == 0;

    /// <summary>What is to be told of a stream once these are made.</summary>
    public Loss[] LossesOf(StreamCheckpoint stream) => Losses.GetValueOrDefault(stream) ?? stream.Losses;

    /// <summary>Adds a loss: to the last one, as long as that is in no batch.</summary>
    public void AddLoss(StreamCheckpoint stream, Loss loss)
    {
        Loss[] known = LossesOf(stream);
        Losses[stream] = known is [.. var older, { Attributes: null } last] ? [.. older, last.With(loss)] : [.. known, loss];
    }

    public void Clear()
    {
        Clocks.Clear();
        Moves.Clear();
        Updates.Clear();
        Sent.Clear();
        NewestSentNs = StreamClock.None;
        Windows.Clear();
        Bookings.Clear();
        Cursors.Clear();
        SentCursors.Clear();
        Losses.Clear();
        Removals.Clear();
    }
}
