namespace Shipper.Telemetry;

/// <summary>Reasons for not obeying an annotation: label <c>reason</c> of <c>shipper_annotation_errors_total</c>.</summary>
internal static class AnnotationErrorReasons
{
    /// <summary>The annotation begins with <c>shipper.io/</c> but is unknown, or names a container that the pod does not have.</summary>
    public const string UnknownKey = "unknown_key";

    /// <summary>The value is not valid.</summary>
    public const string InvalidValue = "invalid_value";

    /// <summary>The configuration does not allow pods to ask for this.</summary>
    public const string NotAllowed = "not_allowed";

    /// <summary>The annotation of another agent has a value for which Shipper has no equivalent.</summary>
    public const string Unsupported = "unsupported";

    public static IReadOnlyList<string> All { get; } = [UnknownKey, InvalidValue, NotAllowed, Unsupported];
}
