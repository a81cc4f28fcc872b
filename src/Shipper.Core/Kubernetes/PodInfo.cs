namespace Shipper.Kubernetes;

/// <summary>What is kept of a pod: what a rule may ask for, and nothing else. Never changes; another one takes its place.</summary>
internal sealed class PodInfo
{
    public required string Namespace { get; init; }

    public required string Name { get; init; }

    /// <summary><c>metadata.uid</c>; for a static pod that of its mirror, which is not the one in the path of its logs.</summary>
    public required string Uid { get; init; }

    /// <summary>For a static pod what stands in the place of the uid in the path of its logs; empty for all others.</summary>
    public string ConfigHash { get; init; } = "";

    /// <summary>When it was made: of two pods with one name the later one is the newer.</summary>
    public DateTimeOffset Created { get; init; }

    /// <summary>The labels that a rule names.</summary>
    public IReadOnlyDictionary<string, string> Labels { get; init; } = MetadataNeeds.NoPairs;

    /// <summary>The annotations that a rule names.</summary>
    public IReadOnlyDictionary<string, string> Annotations { get; init; } = MetadataNeeds.NoPairs;

    /// <summary>Kind of what manages it, as in Deployment; null: nothing does.</summary>
    public string? OwnerKind { get; init; }

    public string? OwnerName { get; init; }

    /// <summary>Its address; null: it has none yet.</summary>
    public string? PodIp { get; init; }

    /// <summary>True when all its containers ended for good, or it was deleted: nothing more will be known of it.</summary>
    public bool IsEnded { get; init; }

    /// <summary>True once it is being deleted: kubelet deletes its logs when its containers have ended.</summary>
    public bool IsTerminating { get; init; }

    /// <summary>True when it was deleted; its logs may still be read.</summary>
    public bool IsDeleted { get; init; }

    /// <summary>All containers, init containers first.</summary>
    public IReadOnlyList<PodContainer> Containers { get; init; } = [];

    /// <summary>Which logs of a container are not wanted that <see cref="Containers"/> does not have.</summary>
    public LogExclusion? Exclusion { get; init; }

    /// <summary>The container of that name; null: there is none.</summary>
    public PodContainer? FindContainer(string name)
    {
        // A pod has few.
        foreach (PodContainer container in Containers)
        {
            if (container.Name == name)
            {
                return container;
            }
        }

        return null;
    }

    /// <summary>The same pod, deleted.</summary>
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
        Exclusion = Exclusion,
    };

    /// <summary>True where nothing differs: most changes of a pod are of its conditions, which are not kept.</summary>
    public bool IsSameAs(PodInfo other) =>
        Uid == other.Uid && Namespace == other.Namespace && Name == other.Name && ConfigHash == other.ConfigHash && Created == other.Created
        && OwnerKind == other.OwnerKind && OwnerName == other.OwnerName && PodIp == other.PodIp
        && IsEnded == other.IsEnded && IsTerminating == other.IsTerminating && IsDeleted == other.IsDeleted && Exclusion == other.Exclusion
        && Containers.SequenceEqual(other.Containers)
        && LabelStore.AreSame(Labels, other.Labels) && LabelStore.AreSame(Annotations, other.Annotations);
}
