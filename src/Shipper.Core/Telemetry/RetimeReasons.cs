namespace Shipper.Telemetry;

/// <summary>Reasons for sending records with a different timestamp: label <c>reason</c> of <c>shipper_retimed_records_total</c>.</summary>
internal static class RetimeReasons
{
    /// <summary>The record is older than Loki accepts.</summary>
    public const string TooOld = "too_old";

    /// <summary>The record is further ahead of Loki's clock than Loki accepts.</summary>
    public const string TooNew = "too_new";

    /// <summary>The record is further behind the newest record of its stream than Loki accepts.</summary>
    public const string TooFarBehind = "too_far_behind";

    public static IReadOnlyList<string> All { get; } = [TooOld, TooNew, TooFarBehind];
}
