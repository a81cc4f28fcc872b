using Shipper.Checkpoints;
using Shipper.Loki;

namespace Shipper.Tailing.Streams;

/// <summary>
/// What the records of a turn of reading are sent with. What is under way, or was when the agent was killed, keeps what it was sent with; something new holds from
/// the next position with nothing under way.
/// </summary>
/// <remarks>Owned by the lane of its stream; not safe for concurrent use.</remarks>
/// <param name="stream">The stream.</param>
/// <param name="attributes">What its records are sent with, as of now.</param>
internal sealed class TurnPlan(TailedStream stream, StreamAttributes attributes)
{
    /// <summary>What the records of this turn are sent with.</summary>
    public StreamAttributes Attributes { get; private set; } = attributes;

    /// <summary>
    /// The time of lines that have none of their own, in this turn, in nanoseconds since 1970. In logs of containers only lines before the first one with a time need
    /// it, and it is 0 until there is one.
    /// </summary>
    public long BaseNs { get; set; }

    /// <summary>
    /// Where this turn must end, because what follows gets another time: what was sent before the agent was started goes out again as it was.
    /// </summary>
    public long Limit { get; private set; } = long.MaxValue;

    /// <summary>True if the records of this turn may be in Loki already.</summary>
    public bool IsLeftOpen { get; private set; }

    /// <summary>The position behind the last of these; null if that is not known.</summary>
    public (Generation Generation, Offsets End)? LeftOpenUntil { get; private set; }

    /// <summary>Plans the next turn.</summary>
    /// <returns>False if that is to be waited for.</returns>
    public bool TryPrepare()
    {
        if (stream.Queue.FindUnread() is not { } unread)
        {
            if (stream.FindNext() is { } next)
            {
                Attributes = next.Series.Attributes.Get(next.Restart);
            }

            return true;
        }

        stream.AwaitsAnswer = true;
        IsLeftOpen = false;
        LeftOpenUntil = null;
        Limit = long.MaxValue;
        if (unread.Resend.LeftOpen is { } sent)
        {
            if (sent.IsBeyond(unread.Read))
            {
                IsLeftOpen = true;
                LeftOpenUntil = (unread, sent.End);
                Attributes = sent.Attributes;
                BaseNs = sent.BaseNs;
                Limit = stream.Source.HasHeaders ? long.MaxValue : sent.End.Stdout;
                unread.Resend.Attributes = sent.Attributes;
                stream.AwaitsAnswer = false;
                return true;
            }

            if (stream.UnansweredRuns > 0)
            {
                return false;
            }

            unread.Resend.LeftOpen = null;
        }

        // An open line leads on into the next generations, and what of these was left open goes out in the same turn.
        SentRange? behind = FindLeftOpenBehind(unread);
        BaseNs = behind?.BaseNs ?? 0;
        IsLeftOpen = behind is not null || (stream.Source.HasHeaders && unread.IsToBeAskedFor);
        LeftOpenUntil = behind is null && IsLeftOpen ? (unread, Offsets.Both(unread.Resend.SuspectUntil)) : null;
        StreamAttributes wanted = behind?.Attributes ?? unread.Series.Attributes.Get(unread.Name.Restart);
        if (unread.Resend.Attributes is null || !unread.Resend.Attributes.Equals(wanted))
        {
            if (unread.Resend.Attributes is not null && stream.UnansweredRuns > 0)
            {
                return false;
            }

            unread.Resend.Attributes = wanted;
        }

        Attributes = unread.Resend.Attributes;
        stream.AwaitsAnswer = false;
        return true;
    }

    private SentRange? FindLeftOpenBehind(Generation unread)
    {
        for (int i = stream.Source.HasHeaders ? stream.Generations.IndexOf(unread) + 1 : stream.Generations.Count; i < stream.Generations.Count; i++)
        {
            Generation later = stream.Generations[i];
            if (!later.Place.GoesOnFrom(unread.Place))
            {
                break;
            }

            if (later.Resend.LeftOpen is { } sent && sent.IsBeyond(later.Read))
            {
                return sent;
            }
        }

        return null;
    }

    /// <summary>Tells whether a turn may go on in the next generation: its records are sent with the same.</summary>
    public bool CanGoOn(Generation next) =>
        next.Resend.LeftOpen is null && !next.IsToBeAskedFor && next.Series.Attributes.IsReadable(next.Name.Restart) && next.Series.Attributes.Get(next.Name.Restart).Equals(Attributes);
}
