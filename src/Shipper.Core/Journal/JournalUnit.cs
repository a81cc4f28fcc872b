namespace Shipper.Journal;

/// <summary>A systemd unit and the label that it gets. Created by <see cref="JournalUnits"/>; immutable.</summary>
/// <param name="fullName">The name in systemd.</param>
/// <param name="label">The value of the label <c>unit</c>.</param>
/// <param name="labelIndex">Index of the label.</param>
/// <param name="isWanted">True if the configuration includes the unit.</param>
/// <param name="metadata">The encoded pair <c>unit_full</c>.</param>
internal sealed class JournalUnit(string fullName, string label, int labelIndex, bool isWanted, byte[] metadata)
{
    private readonly byte[] _metadata = metadata;

    /// <summary>The name in systemd, or the label's value if the entry has no unit.</summary>
    public string FullName { get; } = fullName;

    /// <summary>The value of the label <c>unit</c>. All units with the same label share one string instance.</summary>
    public string Label { get; } = label;

    /// <summary>Index of the label in arrays, from 0 to below <see cref="JournalUnits.MaxLabels"/>. Another process assigns different indexes.</summary>
    public int LabelIndex { get; } = labelIndex;

    /// <summary>False if <c>units</c> or <c>exclude</c> in the configuration rules the unit out.</summary>
    public bool IsWanted { get; } = isWanted;

    /// <summary>The encoded pair <c>unit_full</c>; empty if the label is the full name.</summary>
    public ReadOnlySpan<byte> Metadata => _metadata;
}
