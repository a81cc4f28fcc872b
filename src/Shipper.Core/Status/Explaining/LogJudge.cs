using System.Globalization;
using Shipper.Batching;
using Shipper.Delivery;
using Shipper.Lanes;
using Shipper.Records;
using Shipper.Telemetry;

namespace Shipper.Status.Explaining;

/// <summary>Decides what has become of a log: the first thing on its way that keeps lines from Loki.</summary>
/// <param name="failure">The outage of Loki; null if there is none.</param>
internal sealed class LogJudge(LokiFailure? failure)
{
    /// <summary>Judges a log.</summary>
    /// <returns>One of <see cref="LogStates"/>, a sentence, and what to do.</returns>
    public (string State, string Summary, string Remedy) Judge(LogFacts log) =>
        log is { IsUnreadable: true, Unreadable: { } unreadable } ? JudgeUnreadable(unreadable.Reason, unreadable.Path, unreadable.Text, unreadable.Remedy)
        : log.Found?.ExcludedBy is { } rule ? (LogStates.Excluded, $"Not read: excluded by {rule}.", ExclusionText.Remedy(rule))
        : log.Stream is { } stream ? JudgeStream(stream, stream.Details!)
        : log.Gone is { } gone ? JudgeGone(gone)
        : log.Ignored is { ExcludedBy: { } glob } excluded ? (LogStates.Excluded, $"Not read: sources.containers.exclude has {glob}, which matches {excluded.Path}.", "Remove or narrow that glob.")
        : log.Ignored is { } ignored ? (LogStates.Excluded, $"Not read: no glob of sources.containers.include matches {ignored.Path}.", "Add a glob that matches it.")
        : log.Found is not null ? (LogStates.Waiting, "The agent has found the log, and reads it in a moment.", "")
        : log.Pod is { IsDeleted: true } ? (LogStates.Gone, "The pod was deleted, and the agent has nothing of this log left to send.", "")
        : (LogStates.Waiting, "The API server knows the container, but it has no log file yet.", "A container that has not started has no log; kubectl describe pod says what it waits for.");

    private static (string State, string Summary, string Remedy) JudgeUnreadable(string reason, string path, string text, string remedy) => reason switch
    {
        FileErrorReasons.NotMounted => (LogStates.NotMounted, $"{path}: {Sentence(text)}", Sentence(remedy)),
        FileErrorReasons.BrokenLink => (LogStates.BrokenLink, $"{path}: {Sentence(text)}", remedy.Length > 0 ? Sentence(remedy) : "If the pod still runs, its container runtime has removed the file: restart the pod."),
        _ => (LogStates.Unreadable, $"{path} can't be read: {Sentence(text)}", Sentence(remedy)),
    };

    private (string State, string Summary, string Remedy) JudgeStream(StreamStatus stream, StreamDetails details)
    {
        if (details.Problem is { } problem)
        {
            return JudgeUnreadable(problem.Reason, problem.Path, problem.Text, problem.Remedy);
        }

        string lag = $"{HumanText.Bytes(stream.LagBytes)} wait, the oldest line is {HumanText.Duration(stream.LagSeconds)} old";
        if (details.PausedFor > TimeSpan.Zero)
        {
            return (LogStates.Paused, $"Loki refuses this log for now: {Sentence(details.LastRefusal?.Message ?? "it gave no reason")} The agent tries again in {HumanText.Duration(details.PausedFor.TotalSeconds)}; nothing is lost.",
                "Loki's words name the limit: raise it for this tenant, or let the pod write less (processing.limits).");
        }

        if (details.HeldBackFor > TimeSpan.Zero)
        {
            return (LogStates.Limited, $"A limit holds this log back ({string.Join(", ", RulesText.Limits(details))}): {lag}. Nothing is lost unless rotation deletes the file first.", "Raise the limit in processing.limits, or let the pod write less.");
        }

        if (details.WaitsFor is { } what)
        {
            return (LogStates.Waiting, $"Reading waits for {what}.", what.Contains("descriptor", StringComparison.Ordinal) ? "Raise the limit on open files (ulimit -n)." : "Check that the agent reaches the API server, or set kubernetes.whenUnknown to ship.");
        }

        if (stream.LagBytes > 0 && failure is not null)
        {
            return (LogStates.Behind, $"Loki accepts no pushes since {StepText.Time(failure.Since)}: {Sentence(failure.Response)} {lag}; nothing is lost.", failure.Remedy is { } remedy ? Sentence(remedy) : "The lines arrive when Loki is back.");
        }

        return stream.LagSeconds > StreamStates.MaxInFlight.TotalSeconds
            ? (LogStates.Behind, $"The agent is catching up: {lag}.", "If the lag grows, Loki or the limits of its tenant are too slow for this log.")
            : JudgeLosses(stream.Records, stream.LastAcknowledged, details.Dropped, stream.LostBytes, details.LastRefusal, RulesText.SamplingRules(details), RulesText.Limits(details))
            ?? (stream.Generations.Count > 0 && stream.Generations.All(file => file.Size == 0)
                ? (LogStates.Empty, "The container has written nothing yet.", "")
                : (LogStates.Delivered, stream.LagBytes == 0 ? "Every line is in Loki." : $"Every line is in Loki or on its way: the oldest is {HumanText.Duration(stream.LagSeconds)} old.", ""));
    }

    private static (string State, string Summary, string Remedy) JudgeGone(GoneStream gone) =>
        JudgeLosses(gone.Records, gone.LastAcknowledged, gone.Dropped, gone.LostBytes, gone.LastRefusal, [], [])
        ?? (LogStates.Gone, $"The pod has gone, and every line that it wrote is in Loki. Its last file was finished at {StepText.Time(gone.At)}.", "");

    /// <summary>Judges what did not reach Loki for good; null if everything did.</summary>
    private static (string State, string Summary, string Remedy)? JudgeLosses(
        long records, DateTimeOffset? last, IReadOnlyList<(string Reason, long Records)> dropped, long lostBytes, LokiRefusal? refusal, IReadOnlyList<string> sampling, IReadOnlyList<string> limits)
    {
        string sent = string.Create(CultureInfo.InvariantCulture, $"{records} records are in Loki{(last is { } at ? $", the last at {StepText.Time(at)}" : "")}");
        if (lostBytes > 0)
        {
            return (LogStates.Lost, $"{HumanText.Bytes(lostBytes)} were lost before the agent could read them; an entry in the log itself says when. {sent}.", "Let kubelet keep more rotated files (containerLogMaxFiles), or find out why the agent was too late.");
        }

        if (dropped.FirstOrDefault(drop => drop.Reason is DropReasons.Refused or DropReasons.RetryLimit) is { Records: > 0 } refused)
        {
            return (LogStates.Refused, $"{Count(refused.Records)} refused by Loki for good: {Sentence(refusal?.Message ?? "it gave no reason")} {sent}.", "Loki's words name the limit that the records exceed.");
        }

        if (dropped.Where(drop => drop.Records > 0).OrderByDescending(drop => drop.Records).FirstOrDefault() is not { Reason: { } reason } most)
        {
            return null;
        }

        (string state, string why, string remedy) = reason switch
        {
            DropReasons.Excluded => (LogStates.Excluded, "because the pod excludes one of its outputs", "Remove the annotation if the lines should be in Loki."),
            DropReasons.LineTooLong => (LogStates.Dropped, "because their lines were too long", "Raise maxLineSize, or set longLines to truncate."),
            DropReasons.Annotation => (sampling.Contains(reason) ? LogStates.Sampled : limits.Contains(reason) ? LogStates.Limited : LogStates.Dropped, "because an annotation of the pod asks for it", "Change the annotation if the lines should be in Loki."),
            _ when sampling.Contains(reason) => (LogStates.Sampled, $"by the rule {reason}, which keeps a sample", $"Change the rule {reason} if all lines should be in Loki."),
            _ when limits.Contains(reason) => (LogStates.Limited, $"by the limit {reason}", $"Raise the limit {reason}, or let the pod write less."),
            _ => (LogStates.Dropped, $"by the rule {reason}", $"Change the rule {reason} if the lines should be in Loki."),
        };
        return (state, $"{Count(most.Records)} left out {why}. {sent}.", remedy);
    }

    private static string Count(long records) => records == 1 ? "1 record was" : string.Create(CultureInfo.InvariantCulture, $"{records} records were");

    private static string Sentence(string text) => StepText.Sentence(text);
}
