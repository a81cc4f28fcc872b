using Shipper.Checkpoints;
using Shipper.Discovery;
using Shipper.Kubernetes;
using Shipper.Kubernetes.Annotations;
using Shipper.Loki;
using Shipper.Records;
using Shipper.Telemetry;

namespace Shipper.Enrichment;

/// <summary>
/// Provides the attributes of one log of a pod, as the API server currently knows the pod. The file's name is enough to send the log; at the
/// start of a file, the agent waits for the rest of the attributes for a limited time.
/// </summary>
/// <remarks>Thread-safe.</remarks>
/// <param name="container">The container, as the file's name and path identify it.</param>
/// <param name="metadata">The pods of the node.</param>
/// <param name="remembered">The outputs that were excluded by the last known version of the pod; null if the pod was never known.</param>
/// <param name="isHeld">True if the log must not be read before it is known whether the pod excludes it (<c>whenUnknown: hold</c>).</param>
/// <param name="deadline">End of the wait, as a timestamp of the <see cref="TimeProvider"/>.</param>
/// <param name="isOwn">True if the agent runs in this pod.</param>
internal sealed class PodAttributes(
    ContainerName container, AttributeBuilder builder, KubernetesMetadata metadata, ExcludedOutputs? remembered, bool isHeld, long deadline, TimeProvider time, AgentMetrics metrics,
    bool isOwn = false)
    : IAttributeSource
{
    /// <summary>Maximum wait for data from the API server, when the agent starts and at the start of each file.</summary>
    internal static readonly TimeSpan MaxWait = TimeSpan.FromSeconds(2);

    private readonly Lock _lock = new();

    // One element for each restart. There are few, and a dictionary takes four times the memory.
    private readonly List<(int Restart, PodInfo? Pod, long LabelVersion, StreamAttributes Attributes)> _known = new(1);
    private PodInfo? _pod;
    private long _version = -1;
    private bool _isReadable;

    private int _readableRestart;

    /// <summary>The run of the container that the log waits for, and the end of the wait as a timestamp.</summary>
    private (int Restart, long Deadline) _awaited;

    /// <summary>The pod; null if it is unknown. Once known, it stays known after the API server has forgotten it.</summary>
    public PodInfo? Pod
    {
        get
        {
            lock (_lock)
            {
                return FindPod();
            }
        }
    }

    public bool IsOwnLog => isOwn;

    public bool MayDisappear => isOwn || Pod is { IsTerminating: true } or { IsDeleted: true };

    /// <summary>Finds the outputs that a pod or its namespace excludes.</summary>
    /// <param name="pod">The pod of the log.</param>
    /// <param name="isCertain">False if the namespace, which may exclude them too, is not known yet.</param>
    /// <returns>Null if none are known to be excluded.</returns>
    public LogExclusion? FindExclusion(PodInfo pod, out bool isCertain)
    {
        LogExclusion? exclusion = metadata.GetWishes(pod, container.Container).Exclusion;
        isCertain = exclusion is { ExcludesBoth: true } || metadata.HasWishes(pod);
        return exclusion;
    }

    public bool IsReadable(int restart)
    {
        lock (_lock)
        {
            if (!_isReadable)
            {
                PodInfo? pod = FindPod();
                bool isLate = time.GetTimestamp() >= deadline;
                _isReadable = pod is not null
                    ? metadata.HasAllFacts(pod, container.Container, restart) || (isLate && (!isHeld || remembered is not null || metadata.HasWishes(pod)))
                    : isLate && (!isHeld || remembered is not null || metadata.IsConnected);
                if (!_isReadable)
                {
                    return false;
                }

                _readableRestart = restart;
                if (pod is null)
                {
                    metrics.MetadataMissing.Add(1);
                }
            }

            if (restart > _readableRestart && !IsAwaited(restart))
            {
                _readableRestart = restart;
            }

            return restart <= _readableRestart;
        }
    }

    public StreamAttributes Get(int restart)
    {
        lock (_lock)
        {
            PodInfo? pod = FindPod();
            long labels = metadata.LabelVersion;
            int index = _known.Count - 1;
            while (index >= 0 && _known[index].Restart != restart)
            {
                index--;
            }

            if (index >= 0 && _known[index].Pod == pod && _known[index].LabelVersion == labels)
            {
                return _known[index].Attributes;
            }

            StreamAttributes attributes = builder.Create(container, pod, restart, remembered ?? ExcludedOutputs.None);
            if (index < 0)
            {
                _known.Add((restart, pod, labels, attributes));
                return attributes;
            }

            // Keep the object if the attributes are equal, so that records in flight and new records have the same attributes.
            StreamAttributes before = _known[index].Attributes;
            _known[index] = (restart, pod, labels, before.Equals(attributes) ? before : attributes);
            return _known[index].Attributes;
        }
    }

    /// <summary>
    /// True while the log waits for the API server to report a restarted container: its first lines arrive before the API server knows of its new run.
    /// </summary>
    private bool IsAwaited(int restart)
    {
        if (FindPod() is not { } pod || !metadata.IsConnected || metadata.HasAllFacts(pod, container.Container, restart))
        {
            return false;
        }

        if (_awaited.Restart != restart)
        {
            _awaited = (restart, time.TimestampAfter(MaxWait));
        }

        return time.GetTimestamp() < _awaited.Deadline;
    }

    private PodInfo? FindPod()
    {
        long version = metadata.Version;
        if (version != _version)
        {
            _version = version;
            _pod = metadata.Pods.Find(container.Namespace, container.Pod, container.PodUid) ?? _pod;
        }

        return _pod;
    }
}
