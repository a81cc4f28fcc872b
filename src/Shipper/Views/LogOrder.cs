namespace Shipper.Views;

/// <summary>Which logs are shown, and in which order.</summary>
/// <param name="Sort">One of <see cref="Sorts"/>.</param>
/// <param name="Filter">Text in the name, the state or the labels; empty: all logs.</param>
/// <param name="IsReversed">True to turn the order around.</param>
internal sealed record LogOrder(string Sort, string Filter, bool IsReversed)
{
    /// <summary>The orders, in the sequence in which a key goes through them.</summary>
    public static IReadOnlyList<string> Sorts { get; } = ["lag", "rate", "loss", "name"];

    /// <summary>Returns the rows that are shown.</summary>
    public IReadOnlyList<LogRow> Apply(IEnumerable<LogRow> rows)
    {
        IEnumerable<LogRow> found = rows.Where(IsShown);
        IOrderedEnumerable<LogRow> sorted = Sort switch
        {
            "rate" => found.OrderByDescending(row => row.LinesPerSecond).ThenByDescending(row => row.BytesPerSecond),
            "loss" => found.OrderBy(row => row.LossSeconds ?? double.PositiveInfinity).ThenByDescending(row => row.LostBytes).ThenByDescending(row => row.DroppedRecords),
            "name" => found.OrderBy(row => 0),
            _ => found.OrderByDescending(row => row.LagBytes).ThenByDescending(row => row.LagSeconds),
        };
        LogRow[] ordered = [.. sorted.ThenBy(row => row.Name, StringComparer.Ordinal).ThenBy(row => row.Key, StringComparer.Ordinal)];
        if (IsReversed)
        {
            Array.Reverse(ordered);
        }

        return ordered;
    }

    private bool IsShown(LogRow row) =>
        Filter.Length == 0 || new[] { row.Name, row.State, row.Labels }.Any(text => text.Contains(Filter, StringComparison.OrdinalIgnoreCase));
}
