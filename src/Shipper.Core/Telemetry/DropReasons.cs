namespace Shipper.Telemetry;

/// <summary>Reasons for not sending records that were read: label <c>reason</c> of <c>shipper_dropped_records_total</c>.</summary>
internal static class DropReasons
{
    /// <summary>The record is longer than <c>maxLineSize</c>, and <c>longLines</c> is <c>skip</c>.</summary>
    public const string LineTooLong = "line_too_long";

    /// <summary>The pod excludes the output (stdout or stderr) that the record was written to.</summary>
    public const string Excluded = "excluded";

    /// <summary>The pod asked for it with an annotation: a pattern, a sample or a limit.</summary>
    public const string Annotation = "annotation";

    /// <summary>Loki refused the record permanently.</summary>
    public const string Refused = "refused";

    /// <summary>The push was retried <c>loki.retry.limit</c> times.</summary>
    public const string RetryLimit = "retry_limit";

    /// <summary>
    /// The bytes were in the file before the agent first started, and <c>startAt</c> skipped them. Used only in the ledger: their records were not counted.
    /// </summary>
    public const string BeforeStart = "before_start";

    /// <summary>
    /// NUL bytes that no program wrote: holes left by a truncation, or disk blocks lost in a crash. Used only in the ledger: they are not records.
    /// </summary>
    public const string NulBytes = LossReasons.NulBytes;

    public static IReadOnlyList<string> All { get; } = [LineTooLong, Excluded, Annotation, Refused, RetryLimit];
}
