using Shipper.Batching;
using Shipper.Loki;

namespace Shipper.Delivery;

/// <summary>Finds out what Loki has of records whose answer was lost, as patiently as it takes to believe that the others are missing.</summary>
/// <remarks>Not safe for concurrent use.</remarks>
internal sealed class Confirmation(Sender sender, Batch batch)
{
    /// <summary>Loki works on after an answer was lost: only what is missing after this time is taken for missing (ingester_client.remote_timeout, 5 s).</summary>
    public static readonly TimeSpan ArrivalTime = TimeSpan.FromSeconds(5);

    /// <summary>Where Loki itself answered, no more than what it has sent to other ingesters is under way.</summary>
    private static readonly TimeSpan AnsweredArrivalTime = TimeSpan.FromSeconds(1);

    /// <summary>The first look, soon, because most of it has arrived by then.</summary>
    private static readonly TimeSpan FirstLook = TimeSpan.FromMilliseconds(250);

    /// <summary>For so long it is tried to ask; then it is sent again unasked, for reading may be down where writing is not.</summary>
    private static readonly TimeSpan MaxAsking = TimeSpan.FromMinutes(2);

    /// <summary>What is older may be invisible to a query for hours (querier.query_ingesters_within, 3 h by default).</summary>
    private static readonly TimeSpan MaxConfirmableAge = TimeSpan.FromHours(2);

    /// <summary>Asks until it is certain, or can't be.</summary>
    /// <param name="open">The records, at least one.</param>
    /// <param name="answer">What was answered to them; null where that is not known.</param>
    /// <param name="lostAt">When, as a timestamp of the <see cref="TimeProvider"/>.</param>
    /// <param name="givingUp">Gives up.</param>
    /// <returns>What Loki has of them.</returns>
    /// <exception cref="OperationCanceledException"><paramref name="givingUp"/> came first.</exception>
    public async Task<ConfirmedRecords> ConfirmAsync(IReadOnlyCollection<BatchEntry> open, PushAnswer? answer, long lostAt, CancellationToken givingUp)
    {
        TimeSpan arrivalTime = answer?.Status is "400" or "422" or "429" or "500" ? AnsweredArrivalTime : ArrivalTime;
        long start = sender.Time.GetTimestamp();
        var found = new HashSet<BatchEntry>();
        List<BatchEntry> missing = [.. open];
        for (int failures = 0; ;)
        {
            var question = new Question(batch, missing);
            QueryAnswer said = await sender.AskAsync(question, givingUp);
            found.UnionWith(missing.Where(question.IsFound));
            missing.RemoveAll(question.IsFound);
            if (missing.Count == 0)
            {
                DeliveryLog.Asked(sender.Logger, found.Count, 0);
                return new ConfirmedRecords(found, IsAnswered: true, CertainFromNs: long.MinValue);
            }

            if (said.Outcome == QueryOutcome.Impossible || (said.Outcome == QueryOutcome.Failed && sender.Time.GetElapsedTime(start) >= MaxAsking))
            {
                return new ConfirmedRecords(found, IsAnswered: false, CertainFromNs: long.MaxValue);
            }

            if (said.Outcome == QueryOutcome.Failed)
            {
                TimeSpan bound = sender.BackOff.Bound(++failures);
                DeliveryLog.AskingFailed(sender.Logger, missing.Count, said.Message, bound.TotalSeconds);
                await sender.BackOff.WaitAsync(bound, givingUp);
                continue;
            }

            TimeSpan elapsed = sender.Time.GetElapsedTime(lostAt);
            if (elapsed >= arrivalTime)
            {
                DeliveryLog.Asked(sender.Logger, found.Count, missing.Count);
                return new ConfirmedRecords(found, IsAnswered: true, sender.Time.GetUnixNanoseconds() - (long)MaxConfirmableAge.TotalNanoseconds);
            }

            // Also while the agent stops: what is sent too early is there twice.
            await Task.Delay(elapsed < FirstLook ? FirstLook - elapsed : arrivalTime - elapsed, sender.Time, givingUp);
        }
    }
}
