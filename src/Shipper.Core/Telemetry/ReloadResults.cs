namespace Shipper.Telemetry;

/// <summary>Results of a configuration reload: label <c>result</c> of <c>shipper_config_reloads_total</c>.</summary>
internal static class ReloadResults
{
    /// <summary>The new configuration took effect.</summary>
    public const string Success = "success";

    /// <summary>The new configuration was refused, and the previous one stays in effect.</summary>
    public const string Failure = "failure";

    public static IReadOnlyList<string> All { get; } = [Success, Failure];
}
