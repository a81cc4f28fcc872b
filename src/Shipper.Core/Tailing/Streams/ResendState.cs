using Shipper.Checkpoints;
using Shipper.Loki;

namespace Shipper.Tailing.Streams;

/// <summary>The attributes of a generation's records, and which of the records Loki may already have.</summary>
/// <remarks>Owned by the lane of its stream; not thread-safe.</remarks>
/// <param name="checkpoint">Contains the previous agent's notes on its pushes.</param>
internal sealed class ResendState(GenerationCheckpoint checkpoint)
{
    /// <summary>Attributes of the records; null until the first one is read.</summary>
    public StreamAttributes? Attributes { get; set; }

    /// <summary>The unconfirmed push: sent before the agent was started or before a rewind, and never answered. Null if there is none.</summary>
    public SentRange? Unconfirmed { get; set; } = checkpoint.LastSentRange is { } sent && sent.IsBeyond(checkpoint.Acknowledged) ? sent : null;

    /// <summary>Loki may have records up to this offset although no checkpoint says so, because the file was opened after an unclean shutdown.</summary>
    public long UnconfirmedUntil { get; private set; }

    /// <summary>True if Loki can't be asked which records it has.</summary>
    public bool IsQueryImpossible { get; private set; }

    /// <summary>Treats the content of a file that is opened for the first time as unconfirmed if the previous shutdown was unclean.</summary>
    /// <param name="size">Length of the file's content in bytes.</param>
    public void MarkUnconfirmed(long size, CheckpointStore checkpoints)
    {
        if (UnconfirmedUntil == 0 && checkpoints.HasUnconfirmed)
        {
            UnconfirmedUntil = size;
            IsQueryImpossible = checkpoints.CannotAskLoki;
        }
    }

    /// <summary>Updates the state once it is known whether the previous shutdown was unclean.</summary>
    public void Settle(CheckpointStore checkpoints)
    {
        UnconfirmedUntil = checkpoints.HasUnconfirmed ? UnconfirmedUntil : 0;
        IsQueryImpossible = checkpoints.CannotAskLoki;
    }

    /// <summary>Rewinds to the acknowledged position. If Loki may have some of the later records, they are resent as the checkpoint describes them.</summary>
    public void Rewind()
    {
        if (checkpoint.LastSentRange is { } sent && sent.IsBeyond(checkpoint.Acknowledged))
        {
            Unconfirmed = sent;
        }
    }

    /// <summary>Adapts to a file that became shorter.</summary>
    /// <returns>The part of the last noted push that the file still contains; null if no push was noted.</returns>
    public SentRange? Truncate(long size, FilePosition read)
    {
        SentRange? sent = checkpoint.LastSentRange is { } noted ? noted with { End = noted.End.LimitedTo(size) } : null;
        Unconfirmed = sent is { } left && left.IsBeyond(read) ? left : null;
        return sent;
    }
}
