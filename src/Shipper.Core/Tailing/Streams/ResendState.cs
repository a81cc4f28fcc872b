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

    /// <summary>What was sent before the agent was started and may not have been answered; null where nothing was.</summary>
    public SentRange? LeftOpen { get; set; } = checkpoint.Sent is { } sent && sent.IsBeyond(checkpoint.Acknowledged) ? sent : null;

    /// <summary>Up to here it may be in Loki, though nothing is known of it, because it was opened in doubt of the checkpoints.</summary>
    public long SuspectUntil { get; set; }

    /// <summary>True if Loki can't be asked for what it may have.</summary>
    public bool IsUnaskable { get; set; }

    /// <summary>What is not acknowledged is read again. If Loki may have some of it, it goes out as it was noted.</summary>
    public void GoBack()
    {
        if (checkpoint.Sent is { } sent && sent.IsBeyond(checkpoint.Acknowledged))
        {
            LeftOpen = sent;
        }
    }

    /// <summary>The file is shorter than it was.</summary>
    /// <returns>What of a push that was noted is still there; null where nothing was.</returns>
    public SentRange? CutTo(long size, Offsets read)
    {
        SentRange? sent = checkpoint.Sent is { } noted ? noted with { End = noted.End.UpTo(size) } : null;
        LeftOpen = sent is { } left && left.IsBeyond(read) ? left : null;
        return sent;
    }
}
