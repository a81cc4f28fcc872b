using Shipper.Batching;
using Shipper.Checkpoints;
using Shipper.Loki;

namespace Shipper.Journal;

/// <summary>The entries that have the same label <c>unit</c>, of all directories: one stream in Loki.</summary>
/// <remarks>Owned by the journal's lane; not safe for concurrent use.</remarks>
/// <param name="checkpoint">Where its clock is kept.</param>
/// <param name="labelIndex">Number of its label.</param>
/// <param name="attributes">Its labels.</param>
internal sealed class JournalStream(StreamCheckpoint checkpoint, int labelIndex, StreamAttributes attributes) : LogStream(checkpoint)
{
    public int LabelIndex { get; } = labelIndex;

    public override string SourceName => JournalSource.SourceName;

    public StreamAttributes Attributes { get; } = attributes;

    /// <summary>In how many directories it is behind.</summary>
    public int Behind { get; set; }

    public override int RiskOf(long now) => Behind > 0 ? 2 : base.RiskOf(now);
}
