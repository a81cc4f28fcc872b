namespace Shipper.Telemetry;

/// <summary>Reasons for skipping a Kubernetes object: label <c>reason</c> of <c>shipper_kubernetes_skipped_objects_total</c>.</summary>
internal static class SkipReasons
{
    /// <summary>The object is malformed.</summary>
    public const string Invalid = "invalid";

    /// <summary>The object is longer than any object that the API server stores.</summary>
    public const string TooLong = "too_long";

    public static IReadOnlyList<string> All { get; } = [Invalid, TooLong];
}
