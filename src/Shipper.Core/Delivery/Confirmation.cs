using Shipper.Loki;

namespace Shipper.Delivery;

/// <summary>Finds out which unconfirmed records Loki has, and waits until the others are certain to be missing.</summary>
/// <remarks>Not thread-safe.</remarks>
internal sealed class Confirmation(Sender sender, DeliveryServices services, BatchSlices slices, PendingRecords pending)
{
    /// <summary>
    /// Working time after which an unconfirmed record that Loki does not have counts as missing. Loki keeps processing a request after its response was lost
    /// (ingester_client.remote_timeout, 5 s).
    /// </summary>
    public static readonly TimeSpan ArrivalTime = TimeSpan.FromSeconds(5);

    /// <summary>The same working time if Loki itself responded: then only its own requests to ingesters are still in flight.</summary>
    private static readonly TimeSpan AnsweredArrivalTime = TimeSpan.FromSeconds(1);

    /// <summary>Delay before the second query. By then most records have arrived.</summary>
    private static readonly TimeSpan FirstQueryDelay = TimeSpan.FromMilliseconds(250);

    /// <summary>Stop asking after this long without an answer if Loki accepts pushes: its read path may be down while its write path works.</summary>
    private static readonly TimeSpan MaxAsking = TimeSpan.FromMinutes(2);

    /// <summary>
    /// Maximum age of a record that a query is certain to see. Older ones may be invisible for hours (querier.query_ingesters_within, 3 h by default).
    /// </summary>
    private static readonly TimeSpan MaxConfirmableAge = TimeSpan.FromHours(2);

    /// <summary>Removes the unconfirmed records that Loki has. The missing ones stay, and are sent again.</summary>
    /// <param name="unconfirmed">The unconfirmed records; those that Loki has are removed.</param>
    /// <param name="answer">The response to the push that left them unconfirmed; null if unknown.</param>
    /// <param name="lostAt">The <see cref="MeasuringClient.GetMaxWorkingTime"/> of the moment when they became unconfirmed; null for now.</param>
    /// <returns>False if Loki could not be asked.</returns>
    /// <exception cref="OperationCanceledException"><paramref name="givingUp"/> was canceled.</exception>
    public async Task<bool> RemoveStoredAsync(List<BatchEntry> unconfirmed, PushAnswer? answer, CancellationToken givingUp, TimeSpan? lostAt = null)
    {
        if (unconfirmed.Count == 0)
        {
            return true;
        }

        ConfirmedRecords confirmed = await AskAsync(unconfirmed, answer, lostAt ?? sender.Client.GetMaxWorkingTime(), givingUp);
        pending.RemoveStored(confirmed.Found);
        unconfirmed.RemoveAll(confirmed.Found.Contains);
        List<BatchEntry> uncertain = unconfirmed.FindAll(entry => slices.Read(entry, out _, out _) < confirmed.CertainFromNs);
        services.Metrics.PossibleDuplicates.Add(uncertain.Count);
        pending.MarkUnconfirmed(uncertain);
        return confirmed.IsAnswered;
    }

    /// <summary>Asks until it is certain which records Loki has, or that Loki can't be asked.</summary>
    private async Task<ConfirmedRecords> AskAsync(List<BatchEntry> unconfirmed, PushAnswer? answer, TimeSpan lostAt, CancellationToken givingUp)
    {
        TimeSpan arrivalTime = answer?.Status is "400" or "422" or "429" or "500" ? AnsweredArrivalTime : ArrivalTime;
        TimeSpan queryDelay = FirstQueryDelay;
        var found = new HashSet<BatchEntry>();
        List<BatchEntry> missing = [.. unconfirmed];
        long askedAt = 0;
        TimeSpan worked = TimeSpan.Zero;
        var asking = new QueryRetries(sender, services, MaxAsking);
        while (true)
        {
            QueryAnswer result = await asking.AskAsync(AskForMissingAsync, givingUp);
            if (missing.Count == 0)
            {
                DeliveryEvents.Asked(services.Logger, found.Count, 0);
                return new ConfirmedRecords(found, IsAnswered: true, CertainFromNs: long.MinValue);
            }

            if (result.Outcome != QueryOutcome.Answered)
            {
                sender.WarnCannotAsk(result);
                return new ConfirmedRecords(found, IsAnswered: false, CertainFromNs: long.MaxValue);
            }

            // The working time as of the query: its result does not show records that arrived later.
            worked = TimeSpan.FromTicks(Math.Max(worked.Ticks, (sender.Client.WorkingTime - services.Time.GetElapsedTime(askedAt)).Ticks));
            TimeSpan remaining = lostAt + arrivalTime - worked;
            if (remaining <= TimeSpan.Zero)
            {
                DeliveryEvents.Asked(services.Logger, found.Count, missing.Count);
                return new ConfirmedRecords(found, IsAnswered: true, sender.Times.PresentNs - (long)MaxConfirmableAge.TotalNanoseconds);
            }

            // Wait even during shutdown: a record that is resent too early is stored twice.
            await Task.Delay(remaining < queryDelay ? remaining : queryDelay, services.Time, givingUp);
            queryDelay = MeasuringClient.MaxGap;
        }

        async ValueTask<QueryAnswer> AskForMissingAsync(CancellationToken givingUp)
        {
            askedAt = services.Time.GetTimestamp();
            worked = sender.Client.WorkingTime;
            var query = new ResendQuery(slices, missing);
            QueryAnswer result = await sender.AskAsync(query, givingUp);
            found.UnionWith(missing.Where(query.IsFound));
            missing.RemoveAll(query.IsFound);
            if (missing.Count == 0)
            {
                // The last page may have failed, but no record is left to ask for.
                return new QueryAnswer(QueryOutcome.Answered);
            }

            if (result.Outcome != QueryOutcome.Answered)
            {
                // An ingester may be frozen behind a distributor that answers.
                arrivalTime = ArrivalTime;
                queryDelay = MeasuringClient.MaxGap;
            }

            return result;
        }
    }
}
