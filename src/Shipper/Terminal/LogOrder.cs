using Shipper.Lanes;
using Shipper.Status;

namespace Shipper.Terminal;

/// <summary>In which order the logs are listed, and which of them.</summary>
internal static class LogOrder
{
    /// <summary>The orders, as <c>--sort</c> names them.</summary>
    public static IReadOnlyList<string> Names { get; } = ["lag", "rate", "loss", "name"];

    /// <summary>Returns the logs in an order, the most important first.</summary>
    /// <param name="sort">One of <see cref="Names"/>.</param>
    /// <param name="filter">A part of the name, of the labels or of the state; empty for all.</param>
    public static List<StreamStatus> Apply(AgentStatus status, string sort, string filter, bool isReversed)
    {
        IEnumerable<StreamStatus> logs = status.Streams.Where(log => Matches(log, filter));
        IEnumerable<StreamStatus> sorted = sort switch
        {
            "rate" => logs.OrderByDescending(log => log.BytesPerSecond),
            "loss" => logs.OrderBy(log => log.LossDeadlineSeconds ?? double.MaxValue).ThenByDescending(log => log.LostBytes + log.DroppedRecords),
            "name" => logs,
            _ => logs.OrderByDescending(log => log.LagBytes),
        };
        List<StreamStatus> list = [.. sorted];
        if (isReversed)
        {
            list.Reverse();
        }

        return list;
    }

    private static bool Matches(StreamStatus log, string filter) =>
        filter.Length == 0 || log.Key.Contains(filter, StringComparison.OrdinalIgnoreCase) || log.Labels.Contains(filter, StringComparison.OrdinalIgnoreCase) || log.State.Contains(filter, StringComparison.OrdinalIgnoreCase);
}
