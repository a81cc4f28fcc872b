namespace Shipper.Kubernetes;

/// <summary>What the configured rules need: which resources are watched, and which keys are kept of them.</summary>
internal sealed class MetadataNeeds
{
    /// <param name="options">The section of the configuration.</param>
    /// <exception cref="FormatException">A value is nothing that a pod has.</exception>
    public MetadataNeeds(KubernetesOptions options)
    {
        Facts = [.. options.Labels.Values.Concat(options.StructuredMetadata.Values).Select(PodFact.Parse).Distinct()];
        PodLabels = KeysOf(PodFactKind.Label);
        PodAnnotations = KeysOf(PodFactKind.Annotation);
        NamespaceLabels = KeysOf(PodFactKind.NamespaceLabel);
        NodeLabels = KeysOf(PodFactKind.NodeLabel);
    }

    /// <summary>No labels at all.</summary>
    public static IReadOnlyDictionary<string, string> NoPairs { get; } = new Dictionary<string, string>().AsReadOnly();

    /// <summary>All that the rules ask for.</summary>
    public IReadOnlyList<PodFact> Facts { get; }

    public IReadOnlySet<string> PodLabels { get; }

    public IReadOnlySet<string> PodAnnotations { get; }

    public IReadOnlySet<string> NamespaceLabels { get; }

    public IReadOnlySet<string> NodeLabels { get; }

    /// <summary>True for the key of a pod's label or annotation that is read at all; some only to find out something from them.</summary>
    public bool ReadsOfPod(string key) =>
        PodLabels.Contains(key) || PodAnnotations.Contains(key) || key is PodOwner.TemplateHash or PodReader.ConfigHash || LogExclusions.IsRule(key);

    private HashSet<string> KeysOf(PodFactKind kind) =>
        Facts.Where(fact => fact.Kind == kind).Select(fact => fact.Key).ToHashSet(StringComparer.Ordinal);
}
