using Microsoft.Extensions.Logging;
using Shipper.Checkpoints;
using Shipper.Discovery;
using Shipper.Discovery.Rotation;
using Shipper.Kubernetes;
using Shipper.Records;

namespace Shipper.Enrichment;

/// <summary>
/// Stands between discovery and the lanes and keeps back the logs that are excluded, by the configuration or by their pod: these are
/// not even opened. A pod may change its mind at any time. The last decision is kept over restarts, for when the API
/// server can't be asked.
/// </summary>
/// <remarks>Safe for concurrent use.</remarks>
/// <param name="lanes">Get the logs that are read.</param>
/// <param name="namespaces">Section <c>kubernetes.namespaces</c>.</param>
/// <param name="checkpoints">Keep the decisions.</param>
/// <param name="logger">The stage's log.</param>
internal sealed class PodLogs(ILogSink lanes, NamespaceOptions namespaces, CheckpointStore checkpoints, ILogger logger) : ILogSink
{
    private readonly Lock _lock = new();
    private readonly NameGlob[] _include = [.. namespaces.Include.Select(pattern => new NameGlob(pattern))];
    private readonly NameGlob[] _exclude = [.. namespaces.Exclude.Select(pattern => new NameGlob(pattern))];
    private readonly Dictionary<string, PodLog> _logs = new(StringComparer.Ordinal);

    // Logs that no link leads to, and of which the files may still be there.
    private readonly HashSet<string> _unlinked = new(StringComparer.Ordinal);

    /// <summary>Logs that are there and not read.</summary>
    public int ExcludedCount
    {
        get
        {
            lock (_lock)
            {
                return _logs.Values.Count(log => log.IsExcluded);
            }
        }
    }

    public void Publish(LogNews news)
    {
        switch (news)
        {
            case LogFound { Container: { } container } found:
                Add(found, container);
                break;
            case LogUnlinked unlinked:
                Unlink(unlinked);
                break;
            default:
                lanes.Publish(news);
                break;
        }
    }

    /// <summary>Takes up a log of which nothing is there any more but what the agent itself has.</summary>
    /// <returns>False where it is excluded.</returns>
    public bool TryAddGone(LogFound found)
    {
        lock (_lock)
        {
            bool isWanted = found.Container is null || FindRule(new PodLog(found)) is null;
            if (isWanted)
            {
                found.Series.IsUnlinked = true;
                lanes.Publish(found);
            }

            return isWanted;
        }
    }

    /// <summary>The API server told something new of a pod.</summary>
    public void Update(PodInfo pod)
    {
        lock (_lock)
        {
            foreach (PodLog log in _logs.Values)
            {
                if (log.Found.Container!.Pod == pod.Name && log.Found.Container.Namespace == pod.Namespace)
                {
                    Decide(log);
                }
            }
        }
    }

    /// <summary>Forgets what was decided of logs that are gone.</summary>
    public void ForgetGone()
    {
        lock (_lock)
        {
            _unlinked.UnionWith(checkpoints.GetDecidedPaths().Where(path => !_logs.ContainsKey(path)));
            ForgetGone(_unlinked);
        }
    }

    private void Add(LogFound found, ContainerName container)
    {
        lock (_lock)
        {
            if (_logs.TryGetValue(found.Series.Path, out PodLog? known))
            {
                // Under another name.
                if (!known.IsExcluded)
                {
                    lanes.Publish(found);
                }

                return;
            }

            var log = new PodLog(found);
            _logs.Add(found.Series.Path, log);
            string? rule = FindRule(log);
            if (rule is null)
            {
                lanes.Publish(found);
            }
            else
            {
                log.IsExcluded = true;
                KubernetesEvents.Excluded(logger, container.Key, rule);
            }
        }
    }

    private void Unlink(LogUnlinked unlinked)
    {
        lock (_lock)
        {
            if (_logs.Remove(unlinked.SeriesPath, out PodLog? log))
            {
                _unlinked.Add(unlinked.SeriesPath);
                ForgetGone(_unlinked);
            }

            if (log is not { IsExcluded: true })
            {
                lanes.Publish(unlinked);
            }
        }
    }

    /// <summary>A link may be missing for a moment; while the files are there, so is the decision.</summary>
    private void ForgetGone(HashSet<string> unlinked) => unlinked.RemoveWhere(path =>
    {
        bool isGone = !_logs.ContainsKey(path) && !Directory.Exists(path) && !File.Exists(path);
        if (isGone)
        {
            checkpoints.SetDecision(path, null);
        }

        return isGone || _logs.ContainsKey(path);
    });

    private void Decide(PodLog log)
    {
        string? rule = FindRule(log);
        if (rule is not null == log.IsExcluded)
        {
            return;
        }

        log.IsExcluded = rule is not null;
        if (rule is not null)
        {
            KubernetesEvents.Excluded(logger, log.Found.Container!.Key, rule);
            log.WasRead = true;
            lanes.Publish(new LogExcluded(log.Found.Series.Path));
        }
        else
        {
            KubernetesEvents.Included(logger, log.Found.Container!.Key);
            LogSeries series = log.Found.Series.Renew();

            // What was written since it was excluded has appeared later, so that startAt does not hold for it.
            series.IsInitial &= !log.WasRead;
            log.Found = log.Found with { Series = series };
            lanes.Publish(log.Found);
        }
    }

    /// <summary>The rule that excludes a log; null where none does.</summary>
    private string? FindRule(PodLog log)
    {
        ContainerName container = log.Found.Container!;
        if (!Array.Exists(_include, glob => glob.IsMatch(container.Namespace)))
        {
            return "kubernetes.namespaces.include";
        }

        if (Array.Exists(_exclude, glob => glob.IsMatch(container.Namespace)))
        {
            return "kubernetes.namespaces.exclude";
        }

        string path = log.Found.Series.Path;
        if ((log.Found.Attributes as PodAttributes)?.Pod is not { } pod)
        {
            return checkpoints.GetDecision(path) == ExcludedOutputs.Both ? "what was decided before; the API server could not be asked yet" : null;
        }

        LogExclusion? exclusion = KubernetesMetadata.FindExclusion(pod, container.Container);
        checkpoints.SetDecision(path, exclusion?.Outputs ?? ExcludedOutputs.None);
        return exclusion is { IsWhole: true } ? exclusion.Rule : null;
    }

    private sealed class PodLog(LogFound found)
    {
        public LogFound Found { get; set; } = found;

        public bool IsExcluded { get; set; }

        /// <summary>True once the lanes had it and it was excluded.</summary>
        public bool WasRead { get; set; }
    }
}
