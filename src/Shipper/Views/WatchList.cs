namespace Shipper.Views;

/// <summary>The logs of the live view, with one that is selected. The selection stays on its log when the order changes.</summary>
internal sealed class WatchList
{
    private int _top;

    public IReadOnlyList<LogRow> Rows { get; private set; } = [];

    /// <summary>Index of the selected log.</summary>
    public int Selected { get; private set; }

    /// <summary>The selected log; null if there are no logs.</summary>
    public LogRow? Current => Rows.Count > 0 ? Rows[Selected] : null;

    /// <summary>Replaces the logs.</summary>
    public void Set(IReadOnlyList<LogRow> rows)
    {
        // At the first log, the view stays at the top: the log that is furthest behind is the one to look at.
        string? key = Selected > 0 ? Current?.Key : null;
        int index = key is null ? 0 : rows.ToList().FindIndex(row => row.Key == key);
        Rows = rows;
        Selected = Math.Clamp(index >= 0 ? index : Selected, 0, Math.Max(0, rows.Count - 1));
    }

    /// <summary>Moves the selection.</summary>
    public void Move(int steps) => Selected = (int)Math.Clamp((long)Selected + steps, 0, Math.Max(0, Rows.Count - 1));

    /// <summary>Returns the logs that are visible, with the selected one among them.</summary>
    public IEnumerable<(LogRow Row, bool IsSelected)> Show(int room)
    {
        room = Math.Max(1, room);
        _top = Math.Clamp(_top, Math.Max(0, Selected - room + 1), Selected);
        _top = Math.Min(_top, Math.Max(0, Rows.Count - room));
        return Rows.Skip(_top).Take(room).Select((row, index) => (row, _top + index == Selected));
    }
}
