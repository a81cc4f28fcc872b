using Shipper.Loki;

namespace Shipper.Checkpoints;

/// <summary>Bytes of a log that were gone before they could be read. Kept until Loki has acknowledged an entry that reports them.</summary>
/// <param name="FromNs">Time of the last record before the lost bytes, in nanoseconds since 1970; 0 if there was none.</param>
/// <param name="ToNs">The lost bytes were written before this time, in nanoseconds since 1970; 0 for a <see cref="Notice"/>.</param>
/// <param name="Reasons">The <see cref="Telemetry.LossReasons"/>, each at most once, separated by commas.</param>
/// <param name="LogPath">Path of the log, under its unrotated name.</param>
internal sealed record Loss(long Bytes, long FromNs, long ToNs, string Reasons, string LogPath)
{
    private const char Separator = ',';

    /// <summary>Attributes of the entry that reports the loss; null until the entry is in a batch. From then on, the loss does not change.</summary>
    public StreamAttributes? Attributes { get; init; }

    /// <summary>Time of the entry that reports the loss, in nanoseconds since 1970.</summary>
    public long SentNs { get; init; }

    /// <summary>The text of the entry, if it reports something else than a loss (<see cref="Notice"/>); null for a loss.</summary>
    public string? Text => ToNs == 0 && Bytes == 0 ? Reasons : null;

    public IEnumerable<string> ReasonList => Reasons.Split(Separator);

    /// <summary>Returns a text that is sent once and unchanged, like the report of a loss, although nothing was lost.</summary>
    public static Loss Notice(string text, string logPath) => new(0, 0, 0, text, logPath);

    /// <summary>Merges this loss with a later one, so that one entry reports both.</summary>
    public Loss MergeWith(Loss later) => this with
    {
        Bytes = Bytes + later.Bytes,
        ToNs = Math.Max(ToNs, later.ToNs),
        Reasons = string.Join(Separator, ReasonList.Union(later.ReasonList)),
        LogPath = later.LogPath,
    };
}
