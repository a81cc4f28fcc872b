namespace Shipper.LogQl;

/// <summary>The names that a query uses, and those that it makes itself.</summary>
internal sealed class LogQlLabels
{
    /// <summary>In selectors: labels of streams.</summary>
    public HashSet<string> Selected { get; } = [];

    /// <summary>Anywhere else: in filters, groups, formats.</summary>
    public HashSet<string> Used { get; } = [];

    /// <summary>What the query's parsers and formats make.</summary>
    public HashSet<string> Made { get; } = [];

    /// <summary>Whether a parser makes labels of whatever names the lines have.</summary>
    public bool AreOpen { get; set; }
}
