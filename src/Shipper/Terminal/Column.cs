namespace Shipper.Terminal;

/// <summary>A column of a table.</summary>
/// <param name="Header">The name of the column.</param>
/// <param name="Rank">Importance: of the columns that don't fit, those with the highest rank are left out.</param>
/// <param name="MinWidth">Fewest columns of the terminal in which the column still makes sense; 0: the width of its longest cell.</param>
/// <param name="IsRight">True to align to the right.</param>
/// <param name="Cell">Returns the cell of a row, at most as wide as given.</param>
internal sealed record Column<TRow>(string Header, int Rank, int MinWidth, bool IsRight, Func<TRow, int, TextLine> Cell)
{
    /// <summary>Returns the widest that a cell or the header is, up to a limit.</summary>
    public int Measure(IEnumerable<TRow> rows, int limit) =>
        Math.Min(limit, rows.Select(row => Cell(row, limit).Width).Append(Header.Length).Max());
}
