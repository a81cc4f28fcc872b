using Shipper.Batching;
using Shipper.Checkpoints;

namespace Shipper.Journal;

/// <summary>The entries of one directory that have the same label <c>unit</c>.</summary>
/// <remarks>Owned by the journal's lane; not safe for concurrent use.</remarks>
/// <param name="checkpoint">What is kept of it: its clock, and where it stands while it is behind.</param>
/// <param name="labelIndex">Number of its label.</param>
/// <param name="attributes">Its labels.</param>
internal sealed class JournalStream(StreamCheckpoint checkpoint, int labelIndex, StreamAttributes attributes) : LogStream(checkpoint)
{
    public int LabelIndex { get; } = labelIndex;

    public StreamAttributes Attributes { get; } = attributes;

    public override int RiskOf(long presentNs) => IsBehind ? 2 : base.RiskOf(presentNs);

    /// <summary>True from a refusal until its entries were read again up to where the others are: these go on without it.</summary>
    public bool IsBehind { get; set; } = checkpoint.Cursor is { Length: > 0 };

    /// <summary>Entries up to this time may be in Loki already, in nanoseconds since 1970.</summary>
    public long LeftOpenUntilNs { get; set; }

    /// <summary>The cursor that its own reading has come to, while it is behind.</summary>
    public string? OwnCursor { get; set; }

    /// <summary>
    /// The cursor that its own reading came to at the end of the journal. When the others have come to it too, they go on together.
    /// </summary>
    public string? JoinCursor { get; set; }
}
