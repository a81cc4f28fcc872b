using System.Globalization;
using Microsoft.Extensions.Logging;
using Shipper.Checkpoints;
using Shipper.Loki;
using Shipper.Records;

namespace Shipper.Delivery;

/// <summary>
/// Asks Loki for the newest entry of this node when the agent starts. If that is newer than anything that the checkpoints know of, they were removed, or
/// restored from an older copy. Nothing is read until this is settled.
/// </summary>
/// <param name="sender">Asks.</param>
/// <param name="services">The stage's.</param>
/// <param name="checkpoints">Are settled.</param>
/// <param name="selector">What all streams of the agent have in common.</param>
/// <param name="directory">The state directory.</param>
/// <param name="logger">Where to log.</param>
internal sealed class StartQuestion(Sender sender, DeliveryServices services, CheckpointStore checkpoints, string selector, string directory, ILogger logger)
{
    /// <summary>Loki takes nothing that is older (reject_old_samples_max_age, 168 h), so that nothing older can be stored twice.</summary>
    private static readonly TimeSpan MaxAge = TimeSpan.FromHours(168);

    /// <summary>If Loki refuses a question because it covers too much time (max_query_length), a shorter period is tried, down to this.</summary>
    private static readonly TimeSpan MinAge = TimeSpan.FromHours(1);

    private const int AgeDivisor = 8;

    /// <summary>Settles whether Loki has more of this node than the checkpoints know of.</summary>
    /// <param name="settled">Called when it is known.</param>
    /// <param name="stopping">Tells to stop: the next start asks again.</param>
    public async Task SettleAsync(Action settled, CancellationToken stopping)
    {
        if (checkpoints.IsSettled)
        {
            return;
        }

        QueryAnswer said;
        long knownNs = checkpoints.NewestSentNs;
        try
        {
            said = await AskAsync(knownNs, stopping);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // The agent stops: the next start asks again.
            return;
        }

        if (said.Outcome != QueryOutcome.Answered)
        {
            if (checkpoints.Settle(isOlder: checkpoints.IsFirstStart, isUnaskable: true))
            {
                CheckpointEvents.UnknownToAll(logger, directory, said.Message);
            }
        }
        else if (checkpoints.Settle(isOlder: said.NewestNs is not null, isUnaskable: false))
        {
            CheckpointEvents.OlderThanLoki(logger, Show(said.NewestNs!.Value), directory, knownNs == StreamClock.None ? "nothing that was sent" : $"nothing after {Show(knownNs)}");
        }

        settled();
    }

    private static string Show(long timestampNs) => UnixTime.ToDateTime(timestampNs).ToString("O", CultureInfo.InvariantCulture);

    /// <summary>Asks until Loki answers, or until it takes pushes but no questions.</summary>
    private async Task<QueryAnswer> AskAsync(long knownNs, CancellationToken stopping)
    {
        TimeSpan age = MaxAge;
        if (!services.Options.ConfirmResends)
        {
            return await AskLongestAsync(stopping);
        }

        var asking = new FailingQuestions(sender, services, maxAsking: TimeSpan.Zero, services.Options.Retry.Limit);
        return await asking.AskAsync(AskLongestAsync, stopping);

        // About the longest period that Loki allows.
        async ValueTask<QueryAnswer> AskLongestAsync(CancellationToken stopping)
        {
            while (true)
            {
                long presentNs = services.Time.GetUnixNanoseconds();
                long fromNs = Math.Max(knownNs, presentNs - (long)age.TotalNanoseconds) + 1;

                // The node's clock may have been set back since.
                long toNs = Math.Max(presentNs, knownNs) + StreamClock.MaxFutureNs;
                QueryAnswer said = await sender.AskNewestAsync(selector, fromNs, toNs, stopping);
                if (said.Outcome != QueryOutcome.Impossible || !said.Message.StartsWith("400 ", StringComparison.Ordinal) || age <= MinAge)
                {
                    return said;
                }

                age /= AgeDivisor;
            }
        }
    }
}
