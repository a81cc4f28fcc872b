using Shipper.Processing.Levels;

namespace Shipper.Processing.Cases;

/// <summary>A record that a <see cref="RecordTest"/> expects: an element of <c>expect</c>. What is not set is not compared.</summary>
internal sealed class ExpectedRecord
{
    /// <summary>The text of the record, of one or several lines; null if it is not compared.</summary>
    public string? Line { get; set; }

    /// <summary>The detected level; null if it is not compared.</summary>
    public RecordLevel? Level { get; set; }

    /// <summary>Structured metadata that the record must have. It may have more.</summary>
    public Dictionary<string, string> Metadata { get; set; } = new(StringComparer.Ordinal);
}
