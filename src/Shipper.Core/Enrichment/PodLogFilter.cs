using Microsoft.Extensions.Logging;
using Shipper.Checkpoints;
using Shipper.Discovery;
using Shipper.Discovery.Rotation;
using Shipper.Kubernetes;
using Shipper.Kubernetes.Annotations;
using Shipper.Records;

namespace Shipper.Enrichment;

/// <summary>
/// Filters the logs between discovery and the lanes. Logs that the configuration or their pod excludes are not passed on, so they are
/// not even opened. A pod may change its exclusions at any time. The last decision is kept across restarts of the agent, for when the API
/// server is unavailable.
/// </summary>
/// <remarks>Thread-safe.</remarks>
/// <param name="sink">Receives the logs that are not excluded.</param>
/// <param name="namespaces">Section <c>kubernetes.namespaces</c>.</param>
/// <param name="checkpoints">Stores the decisions.</param>
internal sealed class PodLogFilter(ILogSink sink, NamespaceOptions namespaces, CheckpointStore checkpoints, ILogger logger) : ILogSink
{
    private readonly Lock _lock = new();
    private readonly NameGlob[] _include = [.. namespaces.Include.Select(pattern => new NameGlob(pattern))];
    private readonly NameGlob[] _exclude = [.. namespaces.Exclude.Select(pattern => new NameGlob(pattern))];
    private readonly Dictionary<string, PodLog> _logs = new(StringComparer.Ordinal);

    // Logs that no link points to any longer, although their files may still exist.
    private readonly HashSet<string> _unlinked = new(StringComparer.Ordinal);

    /// <summary>Number of existing logs that are not read because they are excluded.</summary>
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

    /// <summary>The pods of the existing logs, as <c>namespace/pod</c>; a pod may occur several times.</summary>
    public IReadOnlyList<string> PodNames
    {
        get
        {
            lock (_lock)
            {
                return [.. _logs.Values.Select(log => $"{log.Found.Container!.Namespace}/{log.Found.Container.Pod}")];
            }
        }
    }

    /// <summary>Returns the existing logs of a pod, excluded ones included.</summary>
    public IReadOnlyList<FoundLog> Find(string @namespace, string pod)
    {
        lock (_lock)
        {
            return
            [
                .. _logs.Values.Where(log => log.Found.Container!.Namespace == @namespace && log.Found.Container.Pod == pod)
                    .Select(log => new FoundLog(log.Found.Container!, log.Found.RotatedLog.Path, log.ExcludedBy)),
            ];
        }
    }

    public void Publish(LogChange change)
    {
        switch (change)
        {
            case LogFound { Container: { } container } found:
                Add(found, container);
                break;
            case LogUnlinked unlinked:
                Unlink(unlinked);
                break;
            default:
                sink.Publish(change);
                break;
        }
    }

    /// <summary>Passes on a log whose files are deleted. Its remaining data is in files that the agent holds open or has saved.</summary>
    /// <returns>False if the log is excluded.</returns>
    public bool TryPublishDeleted(LogFound found)
    {
        lock (_lock)
        {
            bool isWanted = found.Container is null || FindRule(new PodLog(found)) is null;
            if (isWanted)
            {
                found.RotatedLog.IsUnlinked = true;
                sink.Publish(found);
            }

            return isWanted;
        }
    }

    /// <summary>Decides again which logs of a pod are excluded. Call when the pod has changed.</summary>
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

    /// <summary>Decides again which logs of a namespace are excluded. Call when the annotations of the namespace have changed.</summary>
    public void UpdateNamespace(string name)
    {
        lock (_lock)
        {
            foreach (PodLog log in _logs.Values)
            {
                if (log.Found.Container!.Namespace == name)
                {
                    Decide(log);
                }
            }
        }
    }

    /// <summary>Removes the stored decisions about logs that are gone.</summary>
    public void RemoveStaleDecisions()
    {
        lock (_lock)
        {
            _unlinked.UnionWith(checkpoints.GetPathsWithExcludedOutputs().Where(path => !_logs.ContainsKey(path)));
            RemoveStaleDecisions(_unlinked);
        }
    }

    private void Add(LogFound found, ContainerName container)
    {
        lock (_lock)
        {
            if (_logs.TryGetValue(found.RotatedLog.Path, out PodLog? known))
            {
                // The same log under another name.
                if (!known.IsExcluded)
                {
                    sink.Publish(found);
                }

                return;
            }

            var log = new PodLog(found);
            _logs.Add(found.RotatedLog.Path, log);
            string? rule = FindRule(log);
            if (rule is null)
            {
                sink.Publish(found);
            }
            else
            {
                log.ExcludedBy = rule;
                KubernetesEvents.Excluded(logger, container.Key, rule);
            }
        }
    }

    private void Unlink(LogUnlinked unlinked)
    {
        lock (_lock)
        {
            if (_logs.Remove(unlinked.LogPath, out PodLog? log))
            {
                _unlinked.Add(unlinked.LogPath);
                RemoveStaleDecisions(_unlinked);
            }

            if (log is not { IsExcluded: true })
            {
                sink.Publish(unlinked);
            }
        }
    }

    /// <summary>Removes the decisions about logs whose files are gone. A link may be missing for a moment, so a missing link is not enough.</summary>
    private void RemoveStaleDecisions(HashSet<string> unlinked) => unlinked.RemoveWhere(path =>
    {
        bool isGone = !_logs.ContainsKey(path) && !Directory.Exists(path) && !File.Exists(path);
        if (isGone)
        {
            checkpoints.SetExcludedOutputs(path, null);
        }

        return isGone || _logs.ContainsKey(path);
    });

    private void Decide(PodLog log)
    {
        string? rule = FindRule(log);
        bool wasExcluded = log.IsExcluded;
        log.ExcludedBy = rule;
        if (log.IsExcluded == wasExcluded)
        {
            return;
        }

        if (rule is not null)
        {
            KubernetesEvents.Excluded(logger, log.Found.Container!.Key, rule);
            log.WasRead = true;
            sink.Publish(new LogExcluded(log.Found.RotatedLog.Path));
        }
        else
        {
            KubernetesEvents.NoLongerExcluded(logger, log.Found.Container!.Key);
            RotatedLog rotatedLog = log.Found.RotatedLog.CreateNew();

            // Lines written since the exclusion appeared after the agent started, so startAt does not apply to them.
            rotatedLog.IsInitial &= !log.WasRead;
            log.Found = log.Found with { RotatedLog = rotatedLog };
            sink.Publish(log.Found);
        }
    }

    /// <summary>Returns the rule that excludes a log; null if none does.</summary>
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

        string path = log.Found.RotatedLog.Path;
        if (log.Found.Attributes is not PodAttributes { Pod: { } pod } attributes)
        {
            return IsRemembered() ? "the last known labels and annotations of its pod; the API server has not returned the pod yet" : null;
        }

        LogExclusion? exclusion = attributes.FindExclusion(pod, out bool isCertain);
        if (!isCertain)
        {
            return IsRemembered() ? "the last known annotations of its namespace; the API server has not returned the namespace yet" : null;
        }

        checkpoints.SetExcludedOutputs(path, exclusion?.Outputs ?? ExcludedOutputs.None);
        return exclusion is { ExcludesBoth: true } ? exclusion.Rule : null;

        bool IsRemembered() => checkpoints.GetExcludedOutputs(path) == ExcludedOutputs.Both;
    }

    private sealed class PodLog(LogFound found)
    {
        public LogFound Found { get; set; } = found;

        /// <summary>What excludes the log; null if it is read.</summary>
        public string? ExcludedBy { get; set; }

        public bool IsExcluded => ExcludedBy is not null;

        /// <summary>True if the log was read before it was excluded.</summary>
        public bool WasRead { get; set; }
    }
}
