using Shipper.Loki;

namespace Shipper.Checkpoints;

/// <summary>Bytes of a log that were gone before they could be read, for as long as its stream was not told of them.</summary>
/// <param name="Bytes">How many.</param>
/// <param name="FromNs">Time of the last record before them, in nanoseconds since 1970; 0 where there was none.</param>
/// <param name="ToNs">They were written before this, in nanoseconds since 1970.</param>
/// <param name="Reasons">Why: each of <see cref="Telemetry.LossReasons"/> once, separated by commas.</param>
/// <param name="LogPath">Path of the log, under its unrotated name.</param>
internal sealed record Loss(long Bytes, long FromNs, long ToNs, string Reasons, string LogPath)
{
    private const char Separator = ',';

    /// <summary>What the entry that tells of it was put into a batch with; null where it never was. From then on it stays what it is.</summary>
    public StreamAttributes? Attributes { get; init; }

    /// <summary>The time of that entry, in nanoseconds since 1970.</summary>
    public long SentNs { get; init; }

    public IEnumerable<string> EachReason => Reasons.Split(Separator);

    /// <summary>This one and a later one, to be told of together.</summary>
    public Loss With(Loss later) => this with
    {
        Bytes = Bytes + later.Bytes,
        ToNs = Math.Max(ToNs, later.ToNs),
        Reasons = string.Join(Separator, EachReason.Union(later.EachReason)),
        LogPath = later.LogPath,
    };
}
