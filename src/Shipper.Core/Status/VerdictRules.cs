using System.Globalization;
using Shipper.Delivery;
using Shipper.Discovery;
using Shipper.Lanes;
using Shipper.Records;
using Shipper.Telemetry;

namespace Shipper.Status;

/// <summary>Decides what is to be said about an agent first: the worst of what is going on.</summary>
internal static class VerdictRules
{
    /// <summary>If bytes will be lost within this time, that is a problem, whatever else is going on.</summary>
    private static readonly TimeSpan MaxWarning = TimeSpan.FromHours(1);

    /// <summary>
    /// Files that can't be read and that are no reason to worry about the agent: the link of a pod that is being deleted is broken for a while, and others are
    /// not meant to be read.
    /// </summary>
    private static readonly string[] MinorReasons = [FileErrorReasons.BrokenLink, FileErrorReasons.Compressed, FileErrorReasons.NotAFile, LogDiscovery.ReadTwice];

    /// <summary>Judges an agent.</summary>
    /// <param name="isListed">True once the sources were listed for the first time.</param>
    /// <param name="notReadyReason">Why the agent is not ready; null if it is.</param>
    /// <param name="unreadable">What can't be read.</param>
    /// <param name="failure">The outage of Loki; null if there is none.</param>
    /// <param name="lag">How far the agent is behind.</param>
    /// <param name="streams">Number of streams.</param>
    /// <param name="pushUrl">Address of the pushes.</param>
    /// <param name="note">Notes the state; returns since when it has been the same.</param>
    public static Verdict Judge(
        bool isListed, string? notReadyReason, IReadOnlyList<UnreadableSource> unreadable, LokiFailure? failure, Lag lag, int streams, Uri pushUrl, Func<string, DateTimeOffset> note)
    {
        if (!isListed)
        {
            return Make(VerdictStates.Starting, Severities.Notice, "The agent is listing the logs of the node.", "");
        }

        UnreadableSource[] serious = [.. unreadable.Where(source => !MinorReasons.Contains(source.Reason))];
        if (notReadyReason is not null)
        {
            return serious is [var first, ..]
                ? Make(VerdictStates.CannotRead, Severities.Problem, Describe(serious), Sentence(first.Remedy))
                : Make(VerdictStates.CannotRead, Severities.Problem, Sentence(notReadyReason), "");
        }

        if (failure is not null)
        {
            return JudgeOutage(failure, lag, pushUrl, Make);
        }

        if (serious.Length > 0)
        {
            return Make(VerdictStates.CannotRead, Severities.Problem, Describe(serious), Sentence(serious[0].Remedy));
        }

        if (lag.Seconds > StreamStates.MaxInFlight.TotalSeconds)
        {
            return lag.LossInSeconds is { } loss && loss < MaxWarning.TotalSeconds
                ? Make(
                    VerdictStates.CatchingUp, Severities.Problem, $"{DescribeLag(lag)} At this rate, lines will be lost in {HumanText.Duration(loss)}.",
                    "Raise Loki's limits, or slow down the logs with the largest lag (processing.limits); more time: a higher containerLogMaxFiles of kubelet, or heldBytes.")
                : Make(VerdictStates.CatchingUp, Severities.Notice, DescribeLag(lag), "");
        }

        return Make(
            VerdictStates.Shipping, Severities.Ok,
            streams == 0 ? "The agent has found no logs yet." : lag.Bytes == 0 ? "Everything that was written is in Loki." : $"Everything up to {lag.Seconds.ToString("0.0", CultureInfo.InvariantCulture)} s ago is in Loki.",
            streams == 0 ? "If there should be some, check sources.containers.include." : "");

        Verdict Make(string state, string severity, string text, string remedy) => new(state, severity, text, remedy, note(state));
    }

    private static Verdict JudgeOutage(LokiFailure failure, Lag lag, Uri pushUrl, Func<string, string, string, string, Verdict> make)
    {
        string loss = lag.LossInSeconds is { } seconds ? $"Lines will be lost in {HumanText.Duration(seconds)}." : "Nothing is lost.";
        string records = failure.WaitingRecords == 1 ? "1 record waits" : string.Create(CultureInfo.InvariantCulture, $"{failure.WaitingRecords} records wait");
        string waiting = $"{records} in memory, {HumanText.Bytes(lag.Bytes)} in the files. {loss}";
        return failure.IsUnavailable
            ? make(
                VerdictStates.LokiUnavailable, Severities.Problem, $"Loki accepts no pushes: {Sentence(failure.Response)} {waiting}",
                failure.Remedy is { } known ? Sentence(known) : $"Check that Loki runs, and that this node reaches {pushUrl.Host}:{pushUrl.Port}.")
            : make(
                VerdictStates.LokiRefuses, Severities.Problem, $"Loki refuses the pushes: {Sentence(failure.Response)} {waiting}",
                failure.Remedy is { } remedy ? Sentence(remedy) : "Loki's words name the limit: raise it, or send less.");
    }

    private static string Describe(UnreadableSource[] serious) =>
        $"{serious[0].Path}: {Sentence(serious[0].Text)}{(serious.Length > 1 ? string.Create(CultureInfo.InvariantCulture, $" {serious.Length - 1} more can't be read.") : "")}";

    private static string DescribeLag(Lag lag) => $"The oldest record that Loki has not acknowledged is {HumanText.Duration(lag.Seconds)} old; {HumanText.Bytes(lag.Bytes)} wait.";

    private static string Sentence(string text) => text.Length == 0 || text[^1] is '.' or '!' or '?' ? text : text + ".";
}
