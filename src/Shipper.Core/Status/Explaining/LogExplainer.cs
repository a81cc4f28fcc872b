using System.Globalization;
using Shipper.Delivery;
using Shipper.Discovery;
using Shipper.Enrichment;
using Shipper.Kubernetes;
using Shipper.Lanes;
using Shipper.Loki;
using Shipper.Records;

namespace Shipper.Status.Explaining;

/// <summary>Explains why the logs of a pod do or do not reach Loki.</summary>
/// <remarks>Thread-safe.</remarks>
internal sealed class LogExplainer(StatusReporter reporter, StatusOptions options, Sender sender, TimeProvider time)
{
    /// <summary>How long to wait for Loki's answer about a log of which the agent has nothing any longer.</summary>
    private static readonly TimeSpan MaxQueryTime = TimeSpan.FromSeconds(3);

    /// <summary>How far back to ask Loki.</summary>
    private static readonly TimeSpan MaxAge = TimeSpan.FromHours(24);

    /// <summary>Explains the logs of a pod, or of one container.</summary>
    /// <param name="container">The container; null for all of the pod.</param>
    public async Task<Explanation> ExplainAsync(string @namespace, string pod, string? container, CancellationToken stopping)
    {
        string target = container is null ? $"{@namespace}/{pod}" : $"{@namespace}/{pod}/{container}";
        StatusSources sources = reporter.Sources;
        AgentStatus status = await reporter.GetUnorderedAsync(stopping);
        GoneStream[] gone = [.. status.Lanes.SelectMany(lane => lane.Gone)];
        List<LogFacts> logs = Collect(sources, status, gone, @namespace, pod, container);
        if (logs.Count == 0)
        {
            return await ExplainUnknownAsync(target, @namespace, pod, container, Names(sources, status, gone), stopping);
        }

        var judge = new LogJudge(sender.Health.Failure);
        var steps = new LogSteps(reporter.Metadata, sender.Health.Failure, sender.LastAnswer, options);
        LogExplanation[] explained = [.. logs.OrderBy(log => log.Key, StringComparer.Ordinal).Select(log =>
        {
            (string state, string summary, string remedy) = judge.Judge(log);
            string selector = LogSteps.SelectorOf(log);
            return new LogExplanation(log.Key, state, IsDelivered(state), summary, remedy, steps.Describe(log), selector, selector.Length == 0 ? "" : GrafanaLink.Create(options.Grafana, selector));
        })];
        LogExplanation worst = explained.MaxBy(log => Rank(log.State))!;
        string others = explained.Length == 1 ? "" : string.Create(CultureInfo.InvariantCulture, $"{explained.Count(log => log.IsDelivered)} of {explained.Length} logs are delivered. {worst.Key}: ");
        return new Explanation(
            time.GetUtcNow(), target, worst.State, explained.All(log => log.IsDelivered),
            explained.Length > 1 && explained.All(log => log.IsDelivered) ? $"Every line of the {explained.Length} logs of {target} is in Loki or on its way." : others + worst.Summary, [], explained);
    }

    private static bool IsDelivered(string state) => state is LogStates.Delivered or LogStates.Empty or LogStates.Gone;

    private static int Rank(string state)
    {
        int rank = 0;
        while (LogStates.All[rank] != state)
        {
            rank++;
        }

        return rank;
    }

    private List<LogFacts> Collect(StatusSources sources, AgentStatus status, GoneStream[] gone, string @namespace, string pod, string? container)
    {
        var logs = new Dictionary<string, LogFacts>(StringComparer.Ordinal);
        string prefix = $"{@namespace}/{pod}/";
        PodInfo? info = reporter.Metadata?.Pods.Find(@namespace, pod, "");
        foreach (FoundLog found in sources.PodLogFilter?.Find(@namespace, pod) ?? [])
        {
            Update(found.Container.Container, log => log with { Found = found });
        }

        foreach (StreamStatus stream in status.Streams.Where(stream => stream.Details is not null && stream.Namespace == @namespace && stream.Pod == pod))
        {
            Update(stream.Container!, log => log with { Stream = stream });
        }

        foreach (GoneStream stream in gone.Where(stream => stream.Key.StartsWith(prefix, StringComparison.Ordinal)))
        {
            Update(stream.Key[prefix.Length..], log => log with { Gone = stream });
        }

        foreach (UnreadableSource unreadable in sources.Discovery?.Unreadable ?? [])
        {
            var name = ContainerName.Parse(unreadable.Path, BrokenLink.FindTarget(unreadable.Path));
            if (name.Namespace == @namespace && name.Pod == pod)
            {
                Update(name.Container, log => log with { Unreadable = unreadable });
            }
        }

        foreach ((ContainerName name, IgnoredPath path) in IgnoredPaths.Find(sources.Locations, @namespace, pod))
        {
            Update(name.Container, log => log with { Ignored = path });
        }

        foreach (PodContainer known in info?.Containers ?? [])
        {
            Update(known.Name, log => log);
        }

        return [.. logs.Values];

        void Update(string name, Func<LogFacts, LogFacts> change)
        {
            if (container is null || container == name)
            {
                string key = prefix + name;
                logs[key] = change(logs.GetValueOrDefault(key) ?? new LogFacts(key) { Pod = info });
            }
        }
    }

    /// <summary>The names of all known pods, as <c>namespace/pod</c>.</summary>
    private static IEnumerable<string> Names(StatusSources sources, AgentStatus status, GoneStream[] gone) =>
    [
        .. sources.PodLogFilter?.PodNames ?? [],
        .. status.Streams.Where(stream => stream.Pod is not null).Select(stream => $"{stream.Namespace}/{stream.Pod}"),
        .. gone.Select(stream => stream.Key[..Math.Max(0, stream.Key.LastIndexOf('/'))]),
    ];

    /// <summary>Explains that the agent knows nothing of a pod. Loki may: the pod may have gone before the agent started.</summary>
    private async Task<Explanation> ExplainUnknownAsync(string target, string @namespace, string pod, string? container, IEnumerable<string> known, CancellationToken stopping)
    {
        string[] names = [.. known.Distinct(StringComparer.Ordinal)];
        if (container is not null && names.Contains($"{@namespace}/{pod}"))
        {
            return new Explanation(time.GetUtcNow(), target, LogStates.Unknown, false, $"The pod {@namespace}/{pod} has no container {container} that the agent knows.", [$"{@namespace}/{pod}"], []);
        }

        IReadOnlyList<string> nearest = NearestNames.Find($"{@namespace}/{pod}", names);
        var labels = new Dictionary<string, string>(StringComparer.Ordinal) { ["cluster"] = options.Cluster, ["node"] = options.Node, ["namespace"] = @namespace, ["pod"] = pod };
        if (container is not null)
        {
            labels.Add("container", container);
        }

        string selector = StreamLabels.Create(labels).Selector;
        if (await FindNewestAsync(selector, stopping) is { } newest)
        {
            string text = $"The agent has nothing of this pod left: it has gone. Loki's newest entry of it that came from this node is of {StepText.Time(newest)}.";
            var steps = new[]
            {
                new ExplanationStep("found", ExplanationStep.Note, "the pod has gone, and its files with it", ""),
                new ExplanationStep("Loki", ExplanationStep.Ok, $"Loki's newest entry of it is of {StepText.Time(newest)}", ""),
            };
            return new Explanation(time.GetUtcNow(), target, LogStates.Gone, true, text, [], [new LogExplanation(target, LogStates.Gone, true, text, "", steps, selector, GrafanaLink.Create(options.Grafana, selector))]);
        }

        return new Explanation(
            time.GetUtcNow(), target, LogStates.Unknown, false,
            $"The agent on node {options.Node} knows no logs of {target}. If the pod runs on another node, ask the agent there.", nearest, []);
    }

    private async Task<DateTimeOffset?> FindNewestAsync(string selector, CancellationToken stopping)
    {
        using var timeout = new CancellationTokenSource(MaxQueryTime, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(stopping, timeout.Token);
        try
        {
            long now = time.GetUnixNanoseconds();
            QueryAnswer answer = await sender.AskNewestAsync(selector, now - (long)MaxAge.TotalNanoseconds, now, both.Token);
            return answer is { Outcome: QueryOutcome.Answered, NewestNs: { } newest } ? new DateTimeOffset(UnixTime.ToDateTime(newest)) : null;
        }
        catch (OperationCanceledException) when (!stopping.IsCancellationRequested)
        {
            return null;
        }
    }
}
