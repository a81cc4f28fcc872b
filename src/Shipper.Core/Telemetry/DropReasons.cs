namespace Shipper.Telemetry;

/// <summary>Why records that were read are not sent: label <c>reason</c> of <c>shipper_dropped_records_total</c>.</summary>
internal static class DropReasons
{
    /// <summary>Longer than <c>maxLineSize</c>, with <c>longLines: skip</c>.</summary>
    public const string LineTooLong = "line_too_long";

    /// <summary>Their pod does not want one of its outputs to be sent.</summary>
    public const string Excluded = "excluded";

    /// <summary>Loki refused them for what they are.</summary>
    public const string Refused = "refused";

    /// <summary>Repeated as often as <c>loki.retry.limit</c> allows.</summary>
    public const string RetryLimit = "retry_limit";

    /// <summary>They were there before the agent first started, and <c>startAt</c> left them out. Only in the ledger: nobody counted their records.</summary>
    public const string BeforeStart = "before_start";

    /// <summary>
    /// NUL bytes that no program wrote: holes left by a truncation, or disk blocks lost in a crash. Only in the ledger: they are not records.
    /// </summary>
    public const string NulBytes = LossReasons.NulBytes;

    public static IReadOnlyList<string> All { get; } = [LineTooLong, Excluded, Refused, RetryLimit];
}
