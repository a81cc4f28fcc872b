namespace Shipper.Terminal;

/// <summary>A table that fits a width: columns give way in the order of their importance, and the others share what is left.</summary>
internal sealed class ColumnTable<TRow>
{
    private const int Gap = 2;

    private readonly (Column<TRow> Column, int Width)[] _columns;

    /// <param name="columns">The columns, from left to right.</param>
    /// <param name="rows">All rows, which decide the widths.</param>
    /// <param name="width">Width of the table in columns of the terminal.</param>
    public ColumnTable(IReadOnlyList<Column<TRow>> columns, IReadOnlyCollection<TRow> rows, int width)
    {
        Dictionary<Column<TRow>, int> wanted = columns.ToDictionary(column => column, column => column.Measure(rows, width));
        Dictionary<Column<TRow>, int> widths = [];
        int left = width + Gap;
        foreach (Column<TRow> column in columns.OrderBy(column => column.Rank))
        {
            int least = column.MinWidth == 0 ? wanted[column] : Math.Min(column.MinWidth, wanted[column]);
            if (left >= least + Gap || widths.Count == 0)
            {
                widths[column] = widths.Count == 0 ? Math.Min(least, width) : least;
                left -= widths[column] + Gap;
            }
        }

        foreach (Column<TRow> column in columns.Where(widths.ContainsKey).OrderBy(column => column.Rank))
        {
            int more = Math.Clamp(wanted[column] - widths[column], 0, Math.Max(0, left));
            widths[column] += more;
            left -= more;
        }

        _columns = [.. columns.Where(widths.ContainsKey).Select(column => (column, widths[column]))];
    }

    /// <summary>Returns the line with the names of the columns.</summary>
    public TextLine Header() => Build(column => new TextLine().Add(column.Column.Header, Tone.Bold));

    /// <summary>Returns the line of a row.</summary>
    public TextLine Row(TRow row) => Build(column => column.Column.Cell(row, column.Width));

    private TextLine Build(Func<(Column<TRow> Column, int Width), TextLine> cell)
    {
        var line = new TextLine();
        int start = 0;
        foreach ((Column<TRow> Column, int Width) column in _columns)
        {
            TextLine text = cell(column).Cut(column.Width);
            line.PadTo(start + (column.Column.IsRight ? column.Width - text.Width : 0)).Add(text);
            start += column.Width + Gap;
        }

        return line;
    }
}
