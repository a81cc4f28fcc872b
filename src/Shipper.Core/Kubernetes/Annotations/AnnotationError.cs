namespace Shipper.Kubernetes.Annotations;

/// <summary>An annotation, or a part of one, that is not obeyed.</summary>
/// <param name="Reason">One of <see cref="Telemetry.AnnotationErrorReasons"/>.</param>
/// <param name="Text">The annotation's key and what is wrong with it, in one line. It shows at most 100 characters of the value.</param>
internal sealed record AnnotationError(string Reason, string Text)
{
    /// <summary>Number of annotations with this error.</summary>
    public int Count { get; init; } = 1;
}
