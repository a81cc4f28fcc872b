using Shipper.Client;

namespace Shipper.Views;

/// <summary>A log in the answer of <c>/api/status</c>.</summary>
internal sealed class LogRow(JsonView log)
{
    /// <summary>Identifies the log.</summary>
    public string Key { get; } = log["key"].Text;

    /// <summary>Namespace, pod and container, or the key of another log.</summary>
    public string Name { get; } = log["pod"].Text is { Length: > 0 } pod ? string.Join('/', new[] { log["namespace"].Text, pod, log["container"].Text }.Where(part => part.Length > 0)) : log["key"].Text;

    public string Labels { get; } = log["labels"].Text;

    /// <summary>True if explain knows the log: it belongs to a pod.</summary>
    public bool IsContainer { get; } = log["namespace"].Text.Length > 0 && log["pod"].Text.Length > 0;

    /// <summary>What the agent does with the log.</summary>
    public string State { get; } = log["state"].Text;

    public double LagBytes { get; } = log["lagBytes"].Number;

    public double LagSeconds { get; } = log["lagSeconds"].Number;

    /// <summary>Seconds until unread bytes are deleted; null if none will be.</summary>
    public double? LossSeconds { get; } = log["lossDeadlineSeconds"].OptionalNumber;

    public double LinesPerSecond { get; } = log["recordsPerSecond"].Number;

    public double BytesPerSecond { get; } = log["bytesPerSecond"].Number;

    /// <summary>Records that the agent dropped, or slowed or dropped because of a limit.</summary>
    public double DroppedRecords { get; } = log["droppedRecords"].Number;

    public double LimitedRecords { get; } = log["limitedRecords"].Number;

    public double LostBytes { get; } = log["lostBytes"].Number;

    /// <summary>Records by level since the agent started.</summary>
    public IReadOnlyList<(string Level, double Records)> Levels { get; } = [.. log["levels"].Members.Select(level => (level.Name, level.Value.Number))];

    /// <summary>Loki's last words about the log, if Loki refused it.</summary>
    public string Response { get; } = log["lastResponse"].Text;

    /// <summary>Path of the log's explanation; null if the agent explains only pods.</summary>
    public string? ExplainPath => IsContainer
        ? "/api/explain/" + string.Join('/', new[] { log["namespace"].Text, log["pod"].Text, log["container"].Text }.Where(part => part.Length > 0).Select(Uri.EscapeDataString))
        : null;
}
