namespace Shipper.Telemetry;

/// <summary>Why an object was left out: label <c>reason</c> of <c>shipper_kubernetes_skipped_objects_total</c>.</summary>
internal static class SkipReasons
{
    /// <summary>It makes no sense.</summary>
    public const string Invalid = "invalid";

    /// <summary>It is longer than any that the API server stores.</summary>
    public const string TooLong = "too_long";

    public static IReadOnlyList<string> All { get; } = [Invalid, TooLong];
}
