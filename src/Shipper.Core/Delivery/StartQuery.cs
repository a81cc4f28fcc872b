using System.Globalization;
using Microsoft.Extensions.Logging;
using Shipper.Checkpoints;
using Shipper.Loki;
using Shipper.Records;

namespace Shipper.Delivery;

/// <summary>
/// Asks Loki for the newest entry of this node when the agent starts. If that entry is newer than anything in the checkpoints, the checkpoints were removed or
/// restored from an older copy. Nothing is read until this is settled.
/// </summary>
/// <param name="checkpoints">The checkpoints to settle.</param>
/// <param name="selector">Selects all streams of the agent.</param>
/// <param name="directory">The state directory.</param>
internal sealed class StartQuery(Sender sender, DeliveryServices services, CheckpointStore checkpoints, string selector, string directory, ILogger logger)
{
    /// <summary>
    /// Maximum age of the entries to ask for: Loki accepts nothing older (reject_old_samples_max_age, 168 h), so nothing older can be stored twice.
    /// </summary>
    private static readonly TimeSpan MaxAge = TimeSpan.FromHours(168);

    /// <summary>If Loki refuses a query because it covers too much time (max_query_length), shorter periods are tried, down to this one.</summary>
    private static readonly TimeSpan MinAge = TimeSpan.FromHours(1);

    private const int AgeDivisor = 8;

    /// <summary>Finds out whether Loki has newer entries of this node than the checkpoints do, and settles the checkpoints.</summary>
    /// <param name="settled">Called once this is known; not called if the agent is shutting down.</param>
    /// <param name="stopping">Cancels; the next start asks again.</param>
    public async Task SettleAsync(Action settled, CancellationToken stopping)
    {
        if (checkpoints.IsSettled)
        {
            return;
        }

        QueryAnswer result;
        long knownNs = checkpoints.NewestSentNs;
        try
        {
            result = await AskAsync(knownNs, stopping);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            return;
        }

        if (result.Outcome != QueryOutcome.Answered)
        {
            if (checkpoints.Settle(isOlder: checkpoints.IsFirstStart, cannotAskLoki: true))
            {
                CheckpointEvents.DuplicatesExpected(logger, directory, result.Message);
            }
        }
        else if (checkpoints.Settle(isOlder: result.NewestNs is not null, cannotAskLoki: false))
        {
            CheckpointEvents.OlderThanLoki(logger, Format(result.NewestNs!.Value), directory, knownNs == StreamClock.None ? "nothing that was sent" : $"nothing after {Format(knownNs)}");
        }

        settled();
    }

    private static string Format(long timestampNs) => UnixTime.ToDateTime(timestampNs).ToString("O", CultureInfo.InvariantCulture);

    /// <summary>Asks until Loki answers, or until it turns out that it accepts pushes but no queries.</summary>
    private async Task<QueryAnswer> AskAsync(long knownNs, CancellationToken stopping)
    {
        TimeSpan age = MaxAge;
        if (!services.Options.ConfirmResends)
        {
            return await AskLongestAsync(stopping);
        }

        var asking = new QueryRetries(sender, services, maxAsking: TimeSpan.Zero, services.Options.Retry.Limit);
        return await asking.AskAsync(AskLongestAsync, stopping);

        // Asks for the longest period that Loki allows.
        async ValueTask<QueryAnswer> AskLongestAsync(CancellationToken stopping)
        {
            while (true)
            {
                long presentNs = services.Time.GetUnixNanoseconds();
                long fromNs = Math.Max(knownNs, presentNs - (long)age.TotalNanoseconds) + 1;

                // The node's clock may have been set back in the meantime.
                long toNs = Math.Max(presentNs, knownNs) + StreamClock.MaxFutureNs;
                QueryAnswer result = await sender.AskNewestAsync(selector, fromNs, toNs, stopping);
                if (result.Outcome != QueryOutcome.Impossible || !result.Message.StartsWith("400 ", StringComparison.Ordinal) || age <= MinAge)
                {
                    return result;
                }

                age /= AgeDivisor;
            }
        }
    }
}
