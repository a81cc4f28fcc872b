using Shipper.Checkpoints;
using Shipper.Loki;

namespace Shipper.Tailing.Streams;

/// <summary>What the records of a generation are sent with, and which of them may be in Loki already.</summary>
/// <remarks>Owned by the lane of its stream; not safe for concurrent use.</remarks>
/// <param name="checkpoint">What the agent before noted of its pushes.</param>
internal sealed class ResendState(GenerationCheckpoint checkpoint)
{
    /// <summary>What its records are sent with; null until the first is read.</summary>
    public StreamAttributes? Attributes { get; set; }

    /// <summary>What was sent before the agent was started and may not have been answered; null if nothing was.</summary>
    public SentRange? LeftOpen { get; set; } = checkpoint.Sent is { } sent && sent.IsBeyond(checkpoint.Acknowledged) ? sent : null;

    /// <summary>Up to here it may be in Loki, though nothing is known of it, because it was opened in doubt of the checkpoints.</summary>
    public long SuspectUntil { get; private set; }

    /// <summary>True if Loki can't be asked for what it may have.</summary>
    public bool IsUnaskable { get; private set; }

    /// <summary>What is opened for the first time while there is doubt may have been sent.</summary>
    /// <param name="size">Bytes of its content.</param>
    /// <param name="checkpoints">Tell whether there is doubt.</param>
    public void Suspect(long size, CheckpointStore checkpoints)
    {
        if (SuspectUntil == 0 && checkpoints.IsInDoubt)
        {
            SuspectUntil = size;
            IsUnaskable = checkpoints.IsUnaskable;
        }
    }

    /// <summary>It is known now whether there is doubt.</summary>
    /// <param name="checkpoints">Tell whether there is.</param>
    public void Settle(CheckpointStore checkpoints)
    {
        SuspectUntil = checkpoints.IsInDoubt ? SuspectUntil : 0;
        IsUnaskable = checkpoints.IsUnaskable;
    }

    /// <summary>What is not acknowledged is read again. If Loki may have some of it, it goes out as it was noted.</summary>
    public void GoBack()
    {
        if (checkpoint.Sent is { } sent && sent.IsBeyond(checkpoint.Acknowledged))
        {
            LeftOpen = sent;
        }
    }

    /// <summary>The file is shorter than it was.</summary>
    /// <returns>What of a push that was noted is still there; null if nothing was.</returns>
    public SentRange? CutTo(long size, Offsets read)
    {
        SentRange? sent = checkpoint.Sent is { } noted ? noted with { End = noted.End.UpTo(size) } : null;
        LeftOpen = sent is { } left && left.IsBeyond(read) ? left : null;
        return sent;
    }
}
