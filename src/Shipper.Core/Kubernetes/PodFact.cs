using System.Diagnostics.CodeAnalysis;

namespace Shipper.Kubernetes;

/// <summary>The source of a label's value: the right side of <c>kubernetes.labels</c> and <c>kubernetes.structuredMetadata</c>.</summary>
/// <param name="Kind">Kind of the fact.</param>
/// <param name="Key">Key of the label or annotation; empty for the other kinds.</param>
internal sealed record PodFact(PodFactKind Kind, string Key = "")
{
    /// <summary>All valid forms, for messages.</summary>
    public const string ValidForms =
        "label:KEY, annotation:KEY, namespaceLabel:KEY, nodeLabel:KEY, owner.kind, owner.name, podUid, containerId, image, podIP";

    /// <summary>Parses a fact.</summary>
    /// <exception cref="FormatException">The text has none of the valid forms.</exception>
    public static PodFact Parse(string text) =>
        TryParse(text, out PodFact? fact) ? fact : throw new FormatException($"'{text}' is not a fact of a pod. Use one of: {ValidForms}");

    /// <summary>Parses a fact.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out PodFact? fact)
    {
        int colon = text.IndexOf(':', StringComparison.Ordinal);
        string key = colon >= 0 ? text[(colon + 1)..] : "";
        PodFactKind? kind = (colon >= 0 ? text[..colon] : text, key.Length > 0) switch
        {
            ("label", true) => PodFactKind.Label,
            ("annotation", true) => PodFactKind.Annotation,
            ("namespaceLabel", true) => PodFactKind.NamespaceLabel,
            ("nodeLabel", true) => PodFactKind.NodeLabel,
            ("owner.kind", false) when colon < 0 => PodFactKind.OwnerKind,
            ("owner.name", false) when colon < 0 => PodFactKind.OwnerName,
            ("podUid", false) when colon < 0 => PodFactKind.PodUid,
            ("containerId", false) when colon < 0 => PodFactKind.ContainerId,
            ("image", false) when colon < 0 => PodFactKind.Image,
            ("podIP", false) when colon < 0 => PodFactKind.PodIp,
            _ => null,
        };
        fact = kind is { } known ? new PodFact(known, key) : null;
        return fact is not null;
    }
}
