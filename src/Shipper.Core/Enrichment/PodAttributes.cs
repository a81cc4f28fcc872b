using Shipper.Checkpoints;
using Shipper.Discovery;
using Shipper.Kubernetes;
using Shipper.Loki;
using Shipper.Records;
using Shipper.Telemetry;

namespace Shipper.Enrichment;

/// <summary>
/// The attributes of one log of a pod, as the API server knows them at the moment. Its file's name is enough to send it; what
/// else is wanted is waited for at the file's start, for a bounded time.
/// </summary>
/// <remarks>Safe for concurrent use.</remarks>
/// <param name="container">What the file's name and path tell.</param>
/// <param name="rules">Make the attributes.</param>
/// <param name="metadata">What the API server tells.</param>
/// <param name="remembered">What was excluded when the API server could last be asked; null where it never could.</param>
/// <param name="isHeld">True where nothing may be read before it is known whether the pod wants that.</param>
/// <param name="deadline">Until when it is waited, as a timestamp of the <see cref="TimeProvider"/>.</param>
/// <param name="time">The clock.</param>
/// <param name="metrics">The agent's.</param>
/// <param name="isOwn">True for the pod that the agent runs in.</param>
internal sealed class PodAttributes(
    ContainerName container, AttributeRules rules, KubernetesMetadata metadata, ExcludedOutputs? remembered, bool isHeld, long deadline, TimeProvider time, AgentMetrics metrics,
    bool isOwn = false)
    : IAttributeSource
{
    /// <summary>How long it is waited for what the API server knows: at the start, and at the start of a file.</summary>
    internal static readonly TimeSpan MaxWait = TimeSpan.FromSeconds(2);

    private readonly Lock _lock = new();

    // By restart, few of them: a dictionary takes four times the memory.
    private readonly List<(int Restart, PodInfo? Pod, long LabelVersion, StreamAttributes Attributes)> _known = new(1);
    private PodInfo? _pod;
    private long _version = -1;
    private bool _isReadable;

    private int _readableRestart;

    /// <summary>The run of the container that is waited for, and until when, as a timestamp.</summary>
    private (int Restart, long Deadline) _awaited;

    /// <summary>The pod; once it was known, also after the API server forgot it.</summary>
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

    public bool IsOwn => isOwn;

    public bool IsGoing => isOwn || Pod is { IsTerminating: true } or { IsDeleted: true };

    public bool IsReadable(int restart)
    {
        lock (_lock)
        {
            if (!_isReadable)
            {
                PodInfo? pod = FindPod();
                bool isLate = time.GetTimestamp() >= deadline;
                _isReadable = pod is not null ? isLate || metadata.IsSettled(pod, container.Container, restart) : isLate && (!isHeld || remembered is not null || metadata.IsConnected);
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

            StreamAttributes attributes = rules.Create(container, pod, restart, remembered ?? ExcludedOutputs.None);
            if (index < 0)
            {
                _known.Add((restart, pod, labels, attributes));
                return attributes;
            }

            // Where nothing that counts has changed, what is under way is sent with the same.
            StreamAttributes before = _known[index].Attributes;
            _known[index] = (restart, pod, labels, before.Equals(attributes) ? before : attributes);
            return _known[index].Attributes;
        }
    }

    /// <summary>A container that was restarted: what the API server knows of its new run comes after its first lines.</summary>
    private bool IsAwaited(int restart)
    {
        if (FindPod() is not { } pod || !metadata.IsConnected || metadata.IsSettled(pod, container.Container, restart))
        {
            return false;
        }

        if (_awaited.Restart != restart)
        {
            _awaited = (restart, time.After(MaxWait));
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
