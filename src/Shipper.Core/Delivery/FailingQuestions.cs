using Shipper.Loki;

namespace Shipper.Delivery;

/// <summary>
/// Counts questions in a row that Loki did not answer, and decides when to go on without an answer: only while Loki takes pushes. A Loki that stands still would
/// receive one unconfirmed copy after the other, and store all of them.
/// </summary>
/// <remarks>Not safe for concurrent use.</remarks>
/// <param name="sender">Asks.</param>
/// <param name="maxAsking">How long to ask without an answer before giving up. Loki's read path may be down while its write path works.</param>
internal sealed class FailingQuestions(Sender sender, TimeSpan maxAsking)
{
    /// <summary>Give up after this many answers in a row that are not Loki's: something else answers there.</summary>
    private const int MaxUnreadable = 3;

    private long _since = sender.Time.GetTimestamp();
    private int _failures;
    private int _unreadable;

    // A timestamp; null if Loki took no push at the last try.
    private long? _takesPushesSince;

    /// <summary>A question was answered.</summary>
    public void Reset()
    {
        _since = sender.Time.GetTimestamp();
        _failures = 0;
        _unreadable = 0;
        _takesPushesSince = null;
    }

    /// <summary>Waits until it makes sense to ask again.</summary>
    /// <param name="said">What was said to the last question.</param>
    /// <param name="givingUp">Gives up.</param>
    /// <returns>True if there will be no answer, and Loki takes pushes.</returns>
    /// <exception cref="OperationCanceledException"><paramref name="givingUp"/> came first.</exception>
    public async Task<bool> MustGiveUpAsync(QueryAnswer said, CancellationToken givingUp)
    {
        TimeSpan bound = sender.BackOff.Bound(++_failures);
        _unreadable = said.Outcome == QueryOutcome.Unreadable ? _unreadable + 1 : 0;
        bool isImpossible = said.Outcome == QueryOutcome.Impossible || _unreadable >= MaxUnreadable;
        PushAnswer? probe = isImpossible || sender.Time.GetElapsedTime(_since) >= maxAsking ? await sender.ProbeAsync(givingUp) : null;
        if (probe is { TakesPushes: false } refused)
        {
            _takesPushesSince = null;
            sender.CountFailure();
            if (refused.Verdict == PushVerdict.Misconfigured)
            {
                bound = sender.BackOff.Max;
                DeliveryEvents.Misconfigured(sender.Logger, refused.Status, refused.Message, refused.Remedy, bound.TotalSeconds);
            }
            else
            {
                DeliveryEvents.Retrying(sender.Logger, 0, refused.Status, refused.Message, bound.TotalSeconds);
            }
        }
        else
        {
            if (probe is not null)
            {
                _takesPushesSince ??= sender.Time.GetTimestamp();

                // A Loki that stood still may take a push before it answers a question.
                if (isImpossible || sender.Time.GetElapsedTime(_takesPushesSince.Value) >= Confirmation.ArrivalTime)
                {
                    return true;
                }
            }

            DeliveryEvents.AskingFailed(sender.Logger, said.Message, bound.TotalSeconds);
        }

        await sender.BackOff.WaitAsync(bound, givingUp);
        return false;
    }
}
