using Shipper.Kubernetes.Api;

namespace Shipper.Kubernetes;

/// <summary>Extracts the metadata to keep from a pod that the API server sent.</summary>
internal static class PodReader
{
    /// <summary>Annotation with the hash that is in the path of a static pod's logs: ConfigHashAnnotationKey of kubelet.</summary>
    public const string ConfigHashAnnotation = "kubernetes.io/config.hash";

    /// <summary>Reads a pod.</summary>
    /// <param name="needs">The labels and annotations to keep.</param>
    /// <param name="strings">Strings to share with other pods; null to share none.</param>
    /// <returns>Null if the pod has no name, namespace or uid.</returns>
    public static PodInfo? Read(ApiObject item, MetadataNeeds needs, StringPool? strings = null)
    {
        if (item.Metadata is not { Name.Length: > 0, Namespace.Length: > 0, Uid.Length: > 0 } metadata)
        {
            return null;
        }

        strings ??= new StringPool();
        IReadOnlyDictionary<string, string> labels = metadata.Labels ?? MetadataNeeds.NoPairs;
        IReadOnlyDictionary<string, string> annotations = metadata.Annotations ?? MetadataNeeds.NoPairs;
        PodContainer[] containers = ReadContainers(item, strings);
        (string? ownerKind, string? ownerName) = PodOwner.Find(metadata.OwnerReferences, labels.GetValueOrDefault(PodOwner.TemplateHashLabel));
        return new PodInfo
        {
            Namespace = strings.Intern(metadata.Namespace),
            Name = metadata.Name,
            Uid = metadata.Uid,
            ConfigHash = annotations.GetValueOrDefault(ConfigHashAnnotation, ""),
            Created = metadata.CreationTimestamp ?? default,
            Labels = FilterPairs(labels, needs.PodLabels, strings),
            Annotations = FilterPairs(annotations, needs.PodAnnotations, strings),
            OwnerKind = strings.Intern(ownerKind),
            OwnerName = strings.Intern(ownerName),
            PodIp = item.Status?.PodIp is { Length: > 0 } ip ? ip : null,
            IsEnded = item.Status?.Phase is "Succeeded" or "Failed",
            IsTerminating = metadata.IsTerminating,
            Containers = containers,
            Wishes = needs.Annotations.ReadPod(labels, annotations, [.. containers.Select(container => container.Name)]),
        };
    }

    /// <summary>Returns the pairs with these keys.</summary>
    public static IReadOnlyDictionary<string, string> FilterPairs(IReadOnlyDictionary<string, string> pairs, IReadOnlySet<string> keys, StringPool? strings = null)
    {
        Dictionary<string, string>? kept = null;
        foreach ((string key, string value) in pairs)
        {
            if (keys.Contains(key))
            {
                kept ??= new Dictionary<string, string>(StringComparer.Ordinal);
                kept.Add(strings?.Intern(key) ?? key, strings?.Intern(value) ?? value);
            }
        }

        return kept ?? MetadataNeeds.NoPairs;
    }

    private static PodContainer[] ReadContainers(ApiObject item, StringPool strings)
    {
        var containers = new List<PodContainer>();
        Add(item.Spec?.InitContainers, item.Status?.InitContainerStatuses);
        Add(item.Spec?.Containers, item.Status?.ContainerStatuses);
        Add(item.Spec?.EphemeralContainers, item.Status?.EphemeralContainerStatuses);
        return [.. containers];

        void Add(List<ContainerSpec>? specs, List<ContainerStatus>? statuses)
        {
            foreach (ContainerSpec spec in specs ?? [])
            {
                if (spec.Name is not { Length: > 0 } name)
                {
                    continue;
                }

                // The status appears after the pod, and its containers appear after the status.
                ContainerStatus? status = statuses?.Find(status => status.Name == name);
                string? id = ReadId(status?.ContainerId);
                string? lastId = ReadId(status?.LastContainerId);

                // While a container waits in a crash loop, the ended run is still the current one and is in both places.
                containers.Add(new PodContainer(strings.Intern(name), strings.Intern(spec.Image), id, status?.RestartCount ?? 0, lastId == id ? null : lastId));
            }
        }
    }

    private static string? ReadId(string? text)
    {
        int scheme = text?.IndexOf("://", StringComparison.Ordinal) ?? -1;
        string? id = scheme >= 0 ? text![(scheme + 3)..] : text;
        return string.IsNullOrEmpty(id) ? null : id;
    }
}
