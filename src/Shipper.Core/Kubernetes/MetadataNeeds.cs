using Shipper.Kubernetes.Annotations;

namespace Shipper.Kubernetes;

/// <summary>Lists what the configured rules need: the resources to watch, and the keys of labels and annotations to keep.</summary>
internal sealed class MetadataNeeds
{
    /// <param name="options">Section <c>kubernetes</c> of the configuration.</param>
    /// <exception cref="FormatException">A value is not a pod fact.</exception>
    public MetadataNeeds(KubernetesOptions options)
    {
        Facts = [.. options.Labels.Values.Concat(options.StructuredMetadata.Values).Select(PodFact.Parse).Distinct()];
        PodLabels = KeysOf(PodFactKind.Label);
        PodAnnotations = KeysOf(PodFactKind.Annotation);
        NamespaceLabels = KeysOf(PodFactKind.NamespaceLabel);
        NodeLabels = KeysOf(PodFactKind.NodeLabel);
        Annotations = new AnnotationReader(options.Annotations.Allow, options.Annotations.Foreign);
        ReadsNamespaceAnnotations = options.Annotations.Namespaces;
    }

    /// <summary>The empty set of labels or annotations.</summary>
    public static IReadOnlyDictionary<string, string> NoPairs { get; } = new Dictionary<string, string>().AsReadOnly();

    /// <summary>All facts that the rules name, each once.</summary>
    public IReadOnlyList<PodFact> Facts { get; }

    public IReadOnlySet<string> PodLabels { get; }

    public IReadOnlySet<string> PodAnnotations { get; }

    public IReadOnlySet<string> NamespaceLabels { get; }

    public IReadOnlySet<string> NodeLabels { get; }

    /// <summary>Reads what pods and namespaces ask for with annotations.</summary>
    public AnnotationReader Annotations { get; }

    /// <summary>True if the annotations of a namespace are the defaults of its pods.</summary>
    public bool ReadsNamespaceAnnotations { get; }

    /// <summary>True if the namespaces have to be watched.</summary>
    public bool WatchesNamespaces => ReadsNamespaceAnnotations || NamespaceLabels.Count > 0;

    /// <summary>
    /// True if a label or annotation of a pod with this key is read. Some are not kept: they are read only to derive the owner, the wishes or the hash of a
    /// static pod.
    /// </summary>
    public bool IsReadFromPod(string key) =>
        PodLabels.Contains(key) || PodAnnotations.Contains(key) || key is PodOwner.TemplateHashLabel or PodReader.ConfigHashAnnotation || Annotations.IsRead(key);

    /// <summary>True if a label or annotation of a namespace with this key is read.</summary>
    public bool IsReadFromNamespace(string key) => NamespaceLabels.Contains(key) || (ReadsNamespaceAnnotations && Annotations.IsRead(key));

    private HashSet<string> KeysOf(PodFactKind kind) =>
        Facts.Where(fact => fact.Kind == kind).Select(fact => fact.Key).ToHashSet(StringComparer.Ordinal);
}
