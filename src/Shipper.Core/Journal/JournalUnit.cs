namespace Shipper.Journal;

/// <summary>A unit of systemd, and what becomes of its name. Made by <see cref="JournalUnits"/>; does not change.</summary>
/// <param name="fullName">The name as systemd has it.</param>
/// <param name="label">The value of the label <c>unit</c>.</param>
/// <param name="labelIndex">Number of the label.</param>
/// <param name="isWanted">What the configuration says.</param>
/// <param name="metadata">The pair <c>unit_full</c>, encoded.</param>
internal sealed class JournalUnit(string fullName, string label, int labelIndex, bool isWanted, byte[] metadata)
{
    private readonly byte[] _metadata = metadata;

    /// <summary>The name as systemd has it, or the label's value for what is no unit.</summary>
    public string FullName { get; } = fullName;

    /// <summary>The value of the label <c>unit</c>. All units of one label have the same instance.</summary>
    public string Label { get; } = label;

    /// <summary>
    /// The label's number, counted from 0 and below <see cref="JournalUnits.MaxLabels"/>: what an array of streams is
    /// indexed with. It is another one in the next process.
    /// </summary>
    public int LabelIndex { get; } = labelIndex;

    /// <summary>False where <c>units</c> or <c>exclude</c> of the configuration say so.</summary>
    public bool IsWanted { get; } = isWanted;

    /// <summary>The pair <c>unit_full</c>, encoded; empty if the label is the full name.</summary>
    public ReadOnlySpan<byte> Metadata => _metadata;
}
