using Shipper.Batching;
using Shipper.Checkpoints;
using Shipper.Lanes;
using Shipper.Loki;

namespace Shipper.Journal;

/// <summary>All entries with the same value of the label <c>unit</c>, from all directories: one stream in Loki.</summary>
/// <remarks>Owned by the journal's lane; not thread-safe.</remarks>
/// <param name="checkpoint">Stores the stream's clock.</param>
/// <param name="unit">The unit.</param>
/// <param name="attributes">The stream's labels.</param>
internal sealed class JournalStream(StreamCheckpoint checkpoint, JournalUnit unit, StreamAttributes attributes) : LogStream(checkpoint)
{
    private StreamStatus? _lastStatus;

    public int LabelIndex => unit.LabelIndex;

    public override string SourceName => JournalSource.SourceName;

    public StreamAttributes Attributes { get; } = attributes;

    /// <summary>Number of directories in which the stream is behind.</summary>
    public int DirectoriesBehind { get; set; }

    /// <summary>Describes the stream. While it is quiet, the object is the same.</summary>
    /// <param name="lane">The name of its lane.</param>
    public StreamStatus Describe(string lane)
    {
        string state = RunsInBatches > 0 || Activity.RecordsPerSecond > 0 ? StreamStates.Shipping : StreamStates.Idle;
        if (_lastStatus is { State: StreamStates.Idle } last && state == StreamStates.Idle && last.Records == Activity.Records && last.DroppedRecords == Activity.LeftOut)
        {
            return last;
        }

        // A cursor is not a number of bytes, so the lag is not known.
        return _lastStatus = new StreamStatus(lane, $"journal/{unit.Label}", Attributes.Labels.Selector, LagBytes: 0, LossDeadlineSeconds: null, Activity.LastAcknowledged, [])
        {
            Source = SourceName,
            State = state,
            RecordsPerSecond = Activity.RecordsPerSecond,
            BytesPerSecond = Activity.BytesPerSecond,
            Records = Activity.Records,
            DroppedRecords = Activity.LeftOut,
            Levels = Activity.DescribeLevels(),
            LastResponse = Activity.LastRefusal?.Message,
        };
    }

    public override int GetRisk(long now) => DirectoriesBehind > 0 ? 2 : base.GetRisk(now);
}
