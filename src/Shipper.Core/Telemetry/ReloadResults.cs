namespace Shipper.Telemetry;

/// <summary>What became of a new configuration.</summary>
internal static class ReloadResults
{
    /// <summary>It took effect.</summary>
    public const string Success = "success";

    /// <summary>It was refused, and the one before goes on.</summary>
    public const string Failure = "failure";

    public static IReadOnlyList<string> All { get; } = [Success, Failure];
}
