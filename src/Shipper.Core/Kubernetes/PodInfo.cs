using Shipper.Kubernetes.Annotations;

namespace Shipper.Kubernetes;

/// <summary>The metadata that is kept of a pod: only what a rule may use. Immutable; a change creates a new object.</summary>
internal sealed class PodInfo
{
    public required string Namespace { get; init; }

    public required string Name { get; init; }

    /// <summary><c>metadata.uid</c>. For a static pod it is the uid of its mirror pod, which differs from the one in the path of its logs.</summary>
    public required string Uid { get; init; }

    /// <summary>For a static pod, the hash that replaces the uid in the path of its logs; empty for all other pods.</summary>
    public string ConfigHash { get; init; } = "";

    /// <summary>Creation time. It decides which of two pods with the same name is newer.</summary>
    public DateTimeOffset Created { get; init; }

    /// <summary>The labels that a rule names.</summary>
    public IReadOnlyDictionary<string, string> Labels { get; init; } = MetadataNeeds.NoPairs;

    /// <summary>The annotations that a rule names.</summary>
    public IReadOnlyDictionary<string, string> Annotations { get; init; } = MetadataNeeds.NoPairs;

    /// <summary>Kind of the pod's owner, for example Deployment; null if the pod has no owner.</summary>
    public string? OwnerKind { get; init; }

    public string? OwnerName { get; init; }

    /// <summary>The pod's IP address; null if it has none yet.</summary>
    public string? PodIp { get; init; }

    /// <summary>True if all containers have ended for good or the pod was deleted: its metadata will not change any further.</summary>
    public bool IsEnded { get; init; }

    /// <summary>True if the pod is being deleted: kubelet deletes its logs when its containers have ended.</summary>
    public bool IsTerminating { get; init; }

    /// <summary>True if the pod was deleted. Its logs may still be read.</summary>
    public bool IsDeleted { get; init; }

    /// <summary>All containers, init containers first.</summary>
    public IReadOnlyList<PodContainer> Containers { get; init; } = [];

    /// <summary>What the pod asks for with annotations.</summary>
    public AnnotationSet Wishes { get; init; } = AnnotationSet.Empty;

    /// <summary>Returns the container with a name; null if there is none.</summary>
    public PodContainer? FindContainer(string name)
    {
        // A pod has few containers: a loop is enough.
        foreach (PodContainer container in Containers)
        {
            if (container.Name == name)
            {
                return container;
            }
        }

        return null;
    }

    /// <summary>Returns a copy of the pod that is marked as deleted.</summary>
    public PodInfo AsDeleted() => new()
    {
        Namespace = Namespace,
        Name = Name,
        Uid = Uid,
        ConfigHash = ConfigHash,
        Created = Created,
        Labels = Labels,
        Annotations = Annotations,
        OwnerKind = OwnerKind,
        OwnerName = OwnerName,
        PodIp = PodIp,
        IsEnded = true,
        IsTerminating = true,
        IsDeleted = true,
        Containers = Containers,
        Wishes = Wishes,
    };

    /// <summary>True if nothing differs. Most changes of a pod concern its conditions, which are not kept.</summary>
    public bool IsSameAs(PodInfo other) =>
        Uid == other.Uid && Namespace == other.Namespace && Name == other.Name && ConfigHash == other.ConfigHash && Created == other.Created
        && OwnerKind == other.OwnerKind && OwnerName == other.OwnerName && PodIp == other.PodIp
        && IsEnded == other.IsEnded && IsTerminating == other.IsTerminating && IsDeleted == other.IsDeleted && Wishes.Equals(other.Wishes)
        && Containers.SequenceEqual(other.Containers)
        && LabelStore.AreSame(Labels, other.Labels) && LabelStore.AreSame(Annotations, other.Annotations);
}
