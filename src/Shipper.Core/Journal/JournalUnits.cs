using System.Text;
using System.Text.Unicode;

namespace Shipper.Journal;

/// <summary>
/// Finds the unit of an entry by the bytes of <c>_SYSTEMD_UNIT</c>. Nothing is allocated for a name that is known; names
/// and labels that are remembered are bounded, whatever the node runs.
/// </summary>
/// <remarks>Not safe for concurrent use. Several readers of one lane may share it.</remarks>
internal sealed class JournalUnits
{
    /// <summary>The most values of the label <c>unit</c>. Units beyond them are <see cref="OtherLabel"/>.</summary>
    public const int MaxLabels = 1_000;

    /// <summary>The most names that are remembered.</summary>
    public const int MaxNames = 2_000;

    /// <summary>The label of units that come when <see cref="MaxLabels"/> is reached.</summary>
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
        Kernel = Make(UnitLabel.Kernel, UnitLabel.Kernel, []);
        Unknown = Make(UnitLabel.Unknown, UnitLabel.Unknown, []);

        // Has its place from the start, so that there is one when no other is left.
        AddLabel(OtherLabel);
    }

    /// <summary>What the kernel says.</summary>
    public JournalUnit Kernel { get; }

    /// <summary>What comes from no unit, or from a name that can't be one.</summary>
    public JournalUnit Unknown { get; }

    /// <summary>True once units had to be called <see cref="OtherLabel"/>.</summary>
    public bool IsFull { get; private set; }

    /// <summary>Finds a unit.</summary>
    /// <param name="name">The value of <c>_SYSTEMD_UNIT</c>; empty for none.</param>
    public JournalUnit Find(ReadOnlySpan<byte> name)
    {
        if (name.IsEmpty)
        {
            return Unknown;
        }

        return _unitsBySpan.TryGetValue(name, out JournalUnit? unit) ? unit : Add(name);
    }

    /// <summary>The unit that stands for all of one label.</summary>
    /// <param name="label">The label, as an earlier process had it.</param>
    public JournalUnit OfLabel(string label) =>
        _labels.ContainsKey(label) || _labels.Count < MaxLabels ? Make(label, label, []) : Make(OtherLabel, OtherLabel, []);

    private JournalUnit Add(ReadOnlySpan<byte> name)
    {
        if (name.Length > UnitLabel.MaxNameLength || !Utf8.IsValid(name))
        {
            // No unit's name. It is not remembered: whatever makes such names may make many.
            return Make(Encoding.UTF8.GetString(name), UnitLabel.Unknown, JournalMetadata.EncodeUnit(name));
        }

        string fullName = Encoding.UTF8.GetString(name);
        string label = UnitLabel.Of(fullName);
        if (!_labels.ContainsKey(label) && _labels.Count >= MaxLabels)
        {
            IsFull = true;
            label = OtherLabel;
        }

        JournalUnit unit = Make(fullName, label, label == fullName ? [] : JournalMetadata.EncodeUnit(name));
        if (_units.Count >= MaxNames)
        {
            // Once in a long while, and those that are in use are back at once.
            _units.Clear();
        }

        _unitsBySpan[name] = unit;
        return unit;
    }

    private JournalUnit Make(string fullName, string label, byte[] metadata)
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
