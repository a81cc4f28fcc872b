namespace Shipper.Telemetry;

/// <summary>Why records were sent with another time than their own: label <c>reason</c> of <c>shipper_retimed_records_total</c>.</summary>
internal static class RetimeReasons
{
    /// <summary>Older than Loki takes.</summary>
    public const string TooOld = "too_old";

    /// <summary>Further ahead of Loki's clock than it takes.</summary>
    public const string TooNew = "too_new";

    /// <summary>Further behind the newest record of their stream than Loki takes.</summary>
    public const string TooFarBehind = "too_far_behind";

    public static IReadOnlyList<string> All { get; } = [TooOld, TooNew, TooFarBehind];
}
