using System.Globalization;
using System.Text;
using Shipper.Batching;
using Shipper.Delivery;
using Shipper.Kubernetes;
using Shipper.Kubernetes.Annotations;
using Shipper.Lanes;
using Shipper.Loki;
using Shipper.Records;

namespace Shipper.Status.Explaining;

/// <summary>Describes the way of a log from its file to Loki, step by step.</summary>
/// <param name="metadata">The pods of the node; null if the agent does not use the API server.</param>
/// <param name="failure">The outage of Loki; null if there is none.</param>
/// <param name="lastResponse">Loki's last response to any push; null before the first.</param>
internal sealed class LogSteps(KubernetesMetadata? metadata, LokiFailure? failure, string? lastResponse, StatusOptions options)
{
    /// <summary>Returns the steps. They end where the log does not get further.</summary>
    public IReadOnlyList<ExplanationStep> Describe(LogFacts log)
    {
        var steps = new List<ExplanationStep> { Find(log) };
        if (log.Unreadable is { } unreadable)
        {
            steps.Add(log.IsUnreadable
                ? Problem("readable", $"{unreadable.Path}: {unreadable.Text}", unreadable.Remedy)
                : Note("readable", $"{unreadable.Path}: {unreadable.Text}; the log is read by another path"));
        }

        if (log.Found is { } found)
        {
            steps.Add(found.ExcludedBy is { } rule ? Problem("exclusions", $"excluded by {rule}", ExclusionText.Remedy(rule)) : Ok("exclusions", "nothing excludes the log"));
            steps.Add(DescribeAnnotations(log));
        }

        if (log.Stream is { Details: { } details } stream)
        {
            steps.Add(details.Problem is { } problem ? Problem("readable", $"{problem.Path}: {problem.Text}", problem.Remedy) : Ok("readable", DescribeFiles(stream)));
            steps.Add(Ok("rules", RulesText.DescribeRules(details)));
            steps.Add(Ok("multiline", RulesText.DescribeMultiline(details)));
            steps.Add(Ok("labels", $"{stream.Labels}{DescribeMetadata(details.Attributes)}"));
            steps.Add(DescribePosition(stream));
            steps.Add(DescribePush(stream, details));
            steps.Add(DescribeLoki(details.LastRefusal));
        }
        else if (log.Gone is { } gone)
        {
            steps.Add(Ok("labels", gone.Labels));
            steps.Add(new ExplanationStep("position", gone.LostBytes > 0 ? ExplanationStep.Problem : ExplanationStep.Ok,
                $"all files have gone; everything of them was settled at {StepText.Time(gone.At)}{(gone.LostBytes > 0 ? $"; {HumanText.Bytes(gone.LostBytes)} were lost" : "")}", ""));
            steps.Add(Ok("push", DescribeRecords(gone.Records, gone.LastAcknowledged)));
            steps.Add(DescribeLoki(gone.LastRefusal));
        }

        if (log.NewestInLoki is { } newest)
        {
            steps.Add(Ok("Loki", $"Loki's newest entry of this log is of {StepText.Time(newest)}"));
        }

        return steps;
    }

    /// <summary>Returns a query for the log; empty if nothing of it was ever sent.</summary>
    public static string SelectorOf(LogFacts log) => log.Stream?.Labels ?? log.Gone?.Labels ?? "";

    private static ExplanationStep Find(LogFacts log) =>
        log.Found is { } found ? Ok("found", found.Path)
        : log.Stream is { Details.IsUnlinked: true } ? Note("found", "no path leads to the log any longer: its pod has gone. The agent still has files of it")
        : log.Gone is not null ? Note("found", "the pod has gone, and its files with it")
        : log.Unreadable is { } unreadable ? Problem("found", $"{unreadable.Path}, which leads to no file that can be read", unreadable.Remedy)
        : log.Ignored is { ExcludedBy: { } glob } excluded ? Problem("found", $"{excluded.Path} exists, but the glob {glob} of sources.containers.exclude matches it", "Remove or narrow that glob")
        : log.Ignored is { } ignored ? Problem("found", $"{ignored.Path} exists, but no glob of sources.containers.include matches it", "Add a glob that matches it")
        : log.Pod is { IsDeleted: true } ? Note("found", "the pod was deleted, and its files with it")
        : Problem("found", "the API server knows the container, but there is no log file of it", "A container that has not started has no log");

    private ExplanationStep DescribeAnnotations(LogFacts log)
    {
        const string Name = "annotations";
        if (metadata is null)
        {
            return Note(Name, "not read: kubernetes.enabled is false");
        }

        if (log.Pod is not { } pod)
        {
            return metadata.IsConnected
                ? Note(Name, "the API server does not know this pod")
                : Note(Name, "unknown: the agent has not reached the API server", "Check the agent's own log, and its service account");
        }

        ContainerWishes wishes = metadata.GetWishes(pod, log.Container);
        string honoured = WishText.Describe(wishes);
        IReadOnlyList<string> errors = metadata.GetAnnotationErrors(pod);
        string text = honoured.Length > 0 ? $"obeyed: {honoured}" : "the pod asks for nothing";
        return errors.Count == 0
            ? Ok(Name, text)
            : Note(Name, string.Join('\n', [text, .. errors.Select(error => $"not obeyed: {error}")]), "Correct the annotations that are not obeyed");
    }

    private static string DescribeFiles(StreamStatus stream) => stream.Generations.Count == 0
        ? "no files yet"
        : string.Create(CultureInfo.InvariantCulture, $"{(stream.Generations.Count == 1 ? "1 file" : $"{stream.Generations.Count} files")}, {stream.Generations.Count(file => file.Open)} open");

    private static string DescribeMetadata(StreamAttributes attributes)
    {
        var names = new List<string>();
        for (ReadOnlySpan<byte> rest = attributes.Metadata; !rest.IsEmpty;)
        {
            rest = EntryMetadata.Read(rest, out ReadOnlySpan<byte> name, out _);
            names.Add(Encoding.UTF8.GetString(name));
        }

        return names.Count == 0 ? "" : $"\nstructured metadata: {string.Join(", ", names)}";
    }

    private static ExplanationStep DescribePosition(StreamStatus stream)
    {
        string files = string.Join('\n', stream.Generations.Select(file => string.Create(
            CultureInfo.InvariantCulture,
            $"{file.Path}: {file.Ledger.Acknowledged} of {file.Size} bytes acknowledged{Reasons("dropped", file.Ledger.Dropped)}{Reasons("lost", file.Ledger.Lost)}{(file.Held ? ", deleted and held open" : "")}{(file.Gzip ? ", compressed" : "")}")));
        string lag = stream.LagBytes == 0 ? "no lag" : $"lag {HumanText.Bytes(stream.LagBytes)}, {HumanText.Duration(stream.LagSeconds)}";
        string loss = stream.LossDeadlineSeconds is { } seconds ? $"; lines will be lost in {HumanText.Duration(seconds)}" : "";
        string state = stream.LossDeadlineSeconds is not null || stream.LostBytes > 0 ? ExplanationStep.Problem : stream.LagSeconds > StreamStates.MaxInFlight.TotalSeconds ? ExplanationStep.Note : ExplanationStep.Ok;
        return new ExplanationStep("position", state, files.Length > 0 ? $"{files}\n{lag}{loss}" : $"{lag}{loss}", "");

        static string Reasons(string what, SortedDictionary<string, long> column) =>
            string.Concat(column.Where(reason => reason.Value > 0).Select(reason => string.Create(CultureInfo.InvariantCulture, $", {reason.Value} {what} ({reason.Key})")));
    }

    private static ExplanationStep DescribePush(StreamStatus stream, StreamDetails details)
    {
        string text = string.Create(CultureInfo.InvariantCulture, $"{DescribeRecords(stream.Records, stream.LastAcknowledged)}, {stream.RecordsPerSecond:0.#} per second");
        return details.PausedFor > TimeSpan.Zero
            ? Problem("push", $"{text}; paused for {HumanText.Duration(details.PausedFor.TotalSeconds)} because Loki refused the log", "")
            : details.HeldBackFor > TimeSpan.Zero ? Note("push", $"{text}; held back for {HumanText.Duration(details.HeldBackFor.TotalSeconds)} by a limit")
            : Ok("push", text);
    }

    private static string DescribeRecords(long records, DateTimeOffset? last) => last is { } at
        ? string.Create(CultureInfo.InvariantCulture, $"{records} records acknowledged since the agent started, the last at {StepText.Time(at)}")
        : "nothing was sent since the agent started";

    private ExplanationStep DescribeLoki(LokiRefusal? refusal)
    {
        const string Name = "Loki";
        if (failure is not null)
        {
            return Problem(Name, $"accepts no pushes since {StepText.Time(failure.Since)}: {failure.Response}", failure.Remedy ?? "");
        }

        return refusal is not null
            ? Note(Name, $"refused {(refusal.Records > 0 ? string.Create(CultureInfo.InvariantCulture, $"{refusal.Records} records") : "this log")} at {StepText.Time(refusal.At)}: {refusal.Message}")
            : Ok(Name, lastResponse is null ? $"{options.PushUrl} was not asked yet" : $"{options.PushUrl} answered last: {lastResponse}");
    }

    private static ExplanationStep Ok(string name, string text) => new(name, ExplanationStep.Ok, text, "");

    private static ExplanationStep Note(string name, string text, string remedy = "") => new(name, ExplanationStep.Note, text, remedy);

    private static ExplanationStep Problem(string name, string text, string remedy) => new(name, ExplanationStep.Problem, text, remedy);
}
