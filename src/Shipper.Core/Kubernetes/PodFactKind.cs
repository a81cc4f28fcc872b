namespace Shipper.Kubernetes;

/// <summary>Kinds of facts that a rule can use.</summary>
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

    /// <summary><c>containerId</c>: the id of the run that wrote the log.</summary>
    ContainerId,

    /// <summary><c>image</c>: the image in the pod's spec.</summary>
    Image,

    /// <summary><c>podIP</c>.</summary>
    PodIp,
}
