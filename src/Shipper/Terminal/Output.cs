using Shipper.Native;

namespace Shipper.Terminal;

/// <summary>What standard output is: a terminal or not, its size, and whether it gets colors.</summary>
internal static class Output
{
    public const int DefaultColumns = 80;
    public const int DefaultRows = 24;

    // Smaller ones can't show anything useful, larger ones are mistakes.
    private const int MinColumns = 20;
    private const int MinRows = 5;
    private const int MaxColumns = 1000;
    private const int MaxRows = 500;

    /// <summary>True if standard output is a terminal.</summary>
    public static bool IsTerminal => !Console.IsOutputRedirected;

    /// <summary>True if standard output gets colors, unless an option decides: it is a terminal, and NO_COLOR is not set (no-color.org).</summary>
    public static bool HasColors => IsTerminal && string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR")) && Environment.GetEnvironmentVariable("TERM") != "dumb";

    /// <summary>Returns the size of the terminal.</summary>
    public static (int Columns, int Rows) Size() => TerminalDevice.GetSize() is var (columns, rows)
        ? (Math.Clamp(columns, MinColumns, MaxColumns), Math.Clamp(rows, MinRows, MaxRows))
        : (DefaultColumns, DefaultRows);

    /// <summary>Returns the width of a table on standard output, in columns. A pipe gets everything.</summary>
    public static int TableWidth() => IsTerminal
        ? Size().Columns
        : int.TryParse(Environment.GetEnvironmentVariable("COLUMNS"), out int columns) && columns >= MinColumns ? Math.Min(columns, MaxColumns) : MaxColumns;

    /// <summary>Writes lines to standard output.</summary>
    public static void Write(IEnumerable<TextLine> lines)
    {
        bool hasColors = HasColors;
        foreach (TextLine line in lines)
        {
            Console.Out.WriteLine(line.Render(hasColors));
        }
    }
}
