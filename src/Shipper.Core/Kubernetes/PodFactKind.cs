namespace Shipper.Kubernetes;

/// <summary>What a rule can ask of a pod.</summary>
internal enum PodFactKind
{
    /// <summary><c>label:KEY</c>.</summary>
    Label,

    /// <summary><c>annotation:KEY</c>.</summary>
    Annotation,

    /// <summary><c>namespaceLabel:KEY</c>: a label of the pod's namespace.</summary>
    NamespaceLabel,

    /// <summary><c>nodeLabel:KEY</c>: a label of the node.</summary>
    NodeLabel,

    /// <summary><c>owner.kind</c>.</summary>
    OwnerKind,

    /// <summary><c>owner.name</c>.</summary>
    OwnerName,

    /// <summary><c>podUid</c>.</summary>
    PodUid,

    /// <summary><c>containerId</c>: that of the run which wrote the log.</summary>
    ContainerId,

    /// <summary><c>image</c>: as the pod asks for it.</summary>
    Image,

    /// <summary><c>podIP</c>.</summary>
    PodIp,
}
