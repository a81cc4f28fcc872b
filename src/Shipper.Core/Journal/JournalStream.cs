using Shipper.Batching;
using Shipper.Checkpoints;
using Shipper.Loki;

namespace Shipper.Journal;

/// <summary>All entries with the same value of the label <c>unit</c>, from all directories: one stream in Loki.</summary>
/// <remarks>Owned by the journal's lane; not thread-safe.</remarks>
/// <param name="checkpoint">Stores the stream's clock.</param>
/// <param name="attributes">The stream's labels.</param>
internal sealed class JournalStream(StreamCheckpoint checkpoint, int labelIndex, StreamAttributes attributes) : LogStream(checkpoint)
{
    public int LabelIndex { get; } = labelIndex;

    public override string SourceName => JournalSource.SourceName;

    public StreamAttributes Attributes { get; } = attributes;

    /// <summary>Number of directories in which the stream is behind.</summary>
    public int DirectoriesBehind { get; set; }

    public override int GetRisk(long now) => DirectoriesBehind > 0 ? 2 : base.GetRisk(now);
}
