using System.Text;
using System.Text.Unicode;

namespace Shipper.Journal;

/// <summary>
/// Resolves the unit of an entry from the bytes of <c>_SYSTEMD_UNIT</c>. Resolving a known name allocates nothing. The number of remembered names and labels
/// is bounded, regardless of what runs on the node.
/// </summary>
/// <remarks>Not thread-safe. Several readers of one lane may share it.</remarks>
internal sealed class JournalUnits
{
    /// <summary>Maximum number of values of the label <c>unit</c>. Further units get <see cref="OtherLabel"/>.</summary>
    public const int MaxLabels = 1_000;

    /// <summary>Maximum number of names that are remembered.</summary>
    public const int MaxNames = 2_000;

    /// <summary>The label of units that appear after <see cref="MaxLabels"/> has been reached.</summary>
    public const string OtherLabel = "other";

    private readonly UnitFilter _filter;
    private readonly Dictionary<string, int> _labels = [];
    private readonly List<string> _labelNames = [];
    private readonly Dictionary<byte[], JournalUnit> _units = new(new UnitNameComparer());
    private readonly Dictionary<byte[], JournalUnit>.AlternateLookup<ReadOnlySpan<byte>> _unitsBySpan;

    public JournalUnits(IEnumerable<string> include, IEnumerable<string> exclude)
    {
        _filter = new UnitFilter(include, exclude);
        _unitsBySpan = _units.GetAlternateLookup<ReadOnlySpan<byte>>();
        Kernel = Create(UnitLabel.Kernel, UnitLabel.Kernel, []);
        Unknown = Create(UnitLabel.Unknown, UnitLabel.Unknown, []);

        // Reserve the index of this label while there is one left.
        AddLabel(OtherLabel);
    }

    /// <summary>The unit of the kernel's entries.</summary>
    public JournalUnit Kernel { get; }

    /// <summary>The unit of entries that have no unit, or a name that no unit can have.</summary>
    public JournalUnit Unknown { get; }

    /// <summary>True once a unit had to get the label <see cref="OtherLabel"/>.</summary>
    public bool IsFull { get; private set; }

    /// <summary>Finds a unit.</summary>
    /// <param name="name">The value of <c>_SYSTEMD_UNIT</c>; empty if the entry has none.</param>
    public JournalUnit Find(ReadOnlySpan<byte> name)
    {
        if (name.IsEmpty)
        {
            return Unknown;
        }

        return _unitsBySpan.TryGetValue(name, out JournalUnit? unit) ? unit : Add(name);
    }

    /// <summary>Returns a unit that stands for all units with a given label.</summary>
    /// <param name="label">A label that an earlier process used.</param>
    public JournalUnit GetByLabel(string label) =>
        _labels.ContainsKey(label) || _labels.Count < MaxLabels ? Create(label, label, []) : Create(OtherLabel, OtherLabel, []);

    private JournalUnit Add(ReadOnlySpan<byte> name)
    {
        if (name.Length > UnitLabel.MaxNameLength || !Utf8.IsValid(name))
        {
            // No unit can have this name. It is not remembered, because its source may produce many such names.
            return Create(Encoding.UTF8.GetString(name), UnitLabel.Unknown, JournalMetadata.EncodeUnit(name));
        }

        string fullName = Encoding.UTF8.GetString(name);
        string label = UnitLabel.Of(fullName);
        if (!_labels.ContainsKey(label) && _labels.Count >= MaxLabels)
        {
            IsFull = true;
            label = OtherLabel;
        }

        JournalUnit unit = Create(fullName, label, label == fullName ? [] : JournalMetadata.EncodeUnit(name));
        if (_units.Count >= MaxNames)
        {
            // This is rare, and names that are in use are added again immediately.
            _units.Clear();
        }

        _unitsBySpan[name] = unit;
        return unit;
    }

    private JournalUnit Create(string fullName, string label, byte[] metadata)
    {
        int index = AddLabel(label);
        label = _labelNames[index];
        return new JournalUnit(fullName, label, index, _filter.IsWanted(fullName, label), metadata);
    }

    private int AddLabel(string label)
    {
        if (!_labels.TryGetValue(label, out int index))
        {
            index = _labelNames.Count;
            _labels.Add(label, index);
            _labelNames.Add(label);
        }

        return index;
    }
}
