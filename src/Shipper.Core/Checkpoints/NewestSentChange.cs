using Shipper.Checkpoints.Operations;

namespace Shipper.Checkpoints;

/// <summary>Newest time of a record that is about to be sent. Written only if it is newer than all records that may have been sent before.</summary>
internal sealed class NewestSentChange : IChangeList
{
    /// <summary>The time, in nanoseconds since 1970; <see cref="StreamClock.None"/> if nothing is sent.</summary>
    public long NewestNs { get; set; } = StreamClock.None;

    public bool IsEmpty => NewestNs == StreamClock.None;

    public void Clear() => NewestNs = StreamClock.None;

    public void Commit(CheckpointWriter writer)
    {
        if (NewestNs > writer.State.NewestSentNs)
        {
            Clock.OfAll(NewestNs).Commit(writer);
        }
    }
}
