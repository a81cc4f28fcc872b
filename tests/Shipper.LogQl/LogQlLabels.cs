namespace Shipper.LogQl;

/// <summary>The names that a query uses and creates.</summary>
internal sealed class LogQlLabels
{
    /// <summary>Names in selectors: labels of streams.</summary>
    public HashSet<string> Selected { get; } = [];

    /// <summary>Names anywhere else: in filters, groups and formats.</summary>
    public HashSet<string> Used { get; } = [];

    /// <summary>Names that the query's parsers and formats create.</summary>
    public HashSet<string> Made { get; } = [];

    /// <summary>True if a parser creates labels whose names depend on the lines.</summary>
    public bool AreOpen { get; set; }
}
