using Shipper.Checkpoints;
using Shipper.Loki;

namespace Shipper.Tailing.Streams;

/// <summary>
/// The attributes of the records of a turn of reading. Records keep the attributes that they were first sent with, even after a crash. New attributes apply
/// from the next position at which nothing is in flight.
/// </summary>
/// <remarks>Owned by the lane of its stream; not thread-safe.</remarks>
/// <param name="attributes">The current attributes of the stream's records.</param>
internal sealed class TurnPlan(TailedStream stream, StreamAttributes attributes)
{
    /// <summary>The attributes of this turn's records.</summary>
    public StreamAttributes Attributes { get; private set; } = attributes;

    /// <summary>
    /// The time for lines of this turn that have no timestamp, in nanoseconds since 1970. In container logs only lines before the first one with a timestamp
    /// need it, and it is 0 until there is such a line.
    /// </summary>
    public long BaseNs { get; set; }

    /// <summary>The offset at which this turn must end because later lines get another time: an unconfirmed push is resent unchanged.</summary>
    public long Limit { get; private set; } = long.MaxValue;

    /// <summary>True if Loki may already have records of this turn.</summary>
    public bool IsUnconfirmed { get; private set; }

    /// <summary>The position after the last unconfirmed record; null if it is unknown.</summary>
    public (Generation Generation, FilePosition End)? UnconfirmedUntil { get; private set; }

    /// <summary>Plans the next turn.</summary>
    /// <returns>False if the turn has to wait for a response.</returns>
    public bool TryPrepare()
    {
        if (stream.Queue.FindUnread() is not { } unread)
        {
            if (stream.FindNextLog() is { } next)
            {
                Attributes = next.Log.Attributes.Get(next.Restart);
            }

            return true;
        }

        stream.AwaitsResponse = true;
        IsUnconfirmed = false;
        UnconfirmedUntil = null;
        Limit = long.MaxValue;
        if (unread.Resend.Unconfirmed is { } sent)
        {
            if (sent.IsBeyond(unread.ReadPosition))
            {
                IsUnconfirmed = true;
                UnconfirmedUntil = (unread, sent.End);
                Attributes = sent.Attributes;
                BaseNs = sent.BaseNs;
                Limit = stream.Kind.HasHeaders ? long.MaxValue : sent.End.Stdout;
                unread.Resend.Attributes = sent.Attributes;
                stream.AwaitsResponse = false;
                return true;
            }

            if (stream.RunsInBatches > 0)
            {
                return false;
            }

            unread.Resend.Unconfirmed = null;
        }

        // A partial line may continue in the next generations, so their unconfirmed records are resent in the same turn.
        SentRange? behind = FindUnconfirmedAfter(unread);
        BaseNs = behind?.BaseNs ?? 0;
        IsUnconfirmed = behind is not null || (stream.Kind.HasHeaders && unread.NeedsResendQuery);
        UnconfirmedUntil = behind is null && IsUnconfirmed ? (unread, FilePosition.Both(unread.Resend.UnconfirmedUntil)) : null;
        StreamAttributes wanted = behind?.Attributes ?? unread.Log.Attributes.Get(unread.Name.Restart);
        if (unread.Resend.Attributes is null || !unread.Resend.Attributes.Equals(wanted))
        {
            if (unread.Resend.Attributes is not null && stream.RunsInBatches > 0)
            {
                return false;
            }

            unread.Resend.Attributes = wanted;
        }

        Attributes = unread.Resend.Attributes;
        stream.AwaitsResponse = false;
        return true;
    }

    private SentRange? FindUnconfirmedAfter(Generation unread)
    {
        for (int i = stream.Kind.HasHeaders ? stream.Generations.IndexOf(unread) + 1 : stream.Generations.Count; i < stream.Generations.Count; i++)
        {
            Generation later = stream.Generations[i];
            if (!later.Place.Continues(unread.Place))
            {
                break;
            }

            if (later.Resend.Unconfirmed is { } sent && sent.IsBeyond(later.ReadPosition))
            {
                return sent;
            }
        }

        return null;
    }

    /// <summary>Checks whether a turn may continue in the next generation: its records must have the same attributes.</summary>
    public bool CanContinueIn(Generation next) =>
        next.Resend.Unconfirmed is null && !next.NeedsResendQuery && next.Log.Attributes.IsReadable(next.Name.Restart) && next.Log.Attributes.Get(next.Name.Restart).Equals(Attributes);
}
