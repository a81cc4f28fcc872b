using Shipper.Loki;

namespace Shipper.Delivery;

/// <summary>Finds out which records Loki has of those whose answer was lost, and waits until the others are certain to be missing.</summary>
/// <remarks>Not safe for concurrent use.</remarks>
internal sealed class Confirmation(Sender sender, DeliveryServices services, BatchSlices slices, OpenRecords left)
{
    /// <summary>
    /// Loki goes on with a request after its answer was lost. A record is missing only if Loki has worked for this long since, and does not have it then
    /// (ingester_client.remote_timeout, 5 s).
    /// </summary>
    public static readonly TimeSpan ArrivalTime = TimeSpan.FromSeconds(5);

    /// <summary>If Loki itself answered, all that is still under way is what it has sent to other ingesters.</summary>
    private static readonly TimeSpan AnsweredArrivalTime = TimeSpan.FromSeconds(1);

    /// <summary>The first look, soon, because most of it has arrived by then.</summary>
    private static readonly TimeSpan FirstLook = TimeSpan.FromMilliseconds(250);

    /// <summary>Stop asking after this long without an answer if Loki takes pushes: its read path may be down while its write path works.</summary>
    private static readonly TimeSpan MaxAsking = TimeSpan.FromMinutes(2);

    /// <summary>Older records may be invisible to a query for hours (querier.query_ingesters_within, 3 h by default).</summary>
    private static readonly TimeSpan MaxConfirmableAge = TimeSpan.FromHours(2);

    /// <summary>Takes out what Loki has of some records. What is missing stays, to be sent again.</summary>
    /// <param name="open">The records; those that Loki has are removed.</param>
    /// <param name="answer">The answer to the push that left them open; null if it is not known.</param>
    /// <param name="givingUp">Gives up.</param>
    /// <param name="lostAt">The mark of <see cref="LokiPulse"/> when they were left open; null: now.</param>
    /// <returns>False if Loki could not be asked.</returns>
    /// <exception cref="OperationCanceledException"><paramref name="givingUp"/> came first.</exception>
    public async Task<bool> TakeOutStoredAsync(List<BatchEntry> open, PushAnswer? answer, CancellationToken givingUp, TimeSpan? lostAt = null)
    {
        if (open.Count == 0)
        {
            return true;
        }

        ConfirmedRecords confirmed = await AskAsync(open, answer, lostAt ?? sender.Pulse.Mark(), givingUp);
        left.Store(confirmed.Found);
        open.RemoveAll(confirmed.Found.Contains);
        List<BatchEntry> uncertain = open.FindAll(entry => slices.Read(entry, out _, out _) < confirmed.CertainFromNs);
        services.Metrics.PossibleDuplicates.Add(uncertain.Count);
        left.MaybeStored(uncertain);
        return confirmed.IsAnswered;
    }

    /// <summary>Asks until it is certain which records are there, or that Loki can't be asked.</summary>
    private async Task<ConfirmedRecords> AskAsync(List<BatchEntry> open, PushAnswer? answer, TimeSpan lostAt, CancellationToken givingUp)
    {
        TimeSpan arrivalTime = answer?.Status is "400" or "422" or "429" or "500" ? AnsweredArrivalTime : ArrivalTime;
        TimeSpan look = FirstLook;
        var found = new HashSet<BatchEntry>();
        List<BatchEntry> missing = [.. open];
        long askedAt = 0;
        TimeSpan worked = TimeSpan.Zero;
        var asking = new FailingQuestions(sender, services, MaxAsking);
        while (true)
        {
            QueryAnswer said = await asking.AskAsync(AskForMissingAsync, givingUp);
            if (missing.Count == 0)
            {
                DeliveryEvents.Asked(services.Logger, found.Count, 0);
                return new ConfirmedRecords(found, IsAnswered: true, CertainFromNs: long.MinValue);
            }

            if (said.Outcome != QueryOutcome.Answered)
            {
                sender.GiveUpAsking(said);
                return new ConfirmedRecords(found, IsAnswered: false, CertainFromNs: long.MaxValue);
            }

            // As of the question: its answer does not show what arrived later.
            worked = TimeSpan.FromTicks(Math.Max(worked.Ticks, (sender.Pulse.WorkingTime - services.Time.GetElapsedTime(askedAt)).Ticks));
            TimeSpan left = lostAt + arrivalTime - worked;
            if (left <= TimeSpan.Zero)
            {
                DeliveryEvents.Asked(services.Logger, found.Count, missing.Count);
                return new ConfirmedRecords(found, IsAnswered: true, sender.Times.PresentNs - (long)MaxConfirmableAge.TotalNanoseconds);
            }

            // Also while the agent stops: what is sent too early is stored twice.
            await Task.Delay(left < look ? left : look, services.Time, givingUp);
            look = LokiPulse.MaxGap;
        }

        async ValueTask<QueryAnswer> AskForMissingAsync(CancellationToken givingUp)
        {
            askedAt = services.Time.GetTimestamp();
            worked = sender.Pulse.WorkingTime;
            var question = new Question(slices, missing);
            QueryAnswer said = await sender.AskAsync(question, givingUp);
            found.UnionWith(missing.Where(question.IsFound));
            missing.RemoveAll(question.IsFound);
            if (missing.Count == 0)
            {
                // Whatever came of the last page: there is nothing left to ask for.
                return new QueryAnswer(QueryOutcome.Answered);
            }

            if (said.Outcome != QueryOutcome.Answered)
            {
                // An ingester may stand still behind a distributor that answers.
                arrivalTime = ArrivalTime;
                look = LokiPulse.MaxGap;
            }

            return said;
        }
    }
}
