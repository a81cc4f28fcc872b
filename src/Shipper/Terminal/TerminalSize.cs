namespace Shipper.Terminal;

/// <summary>The size of the terminal. A pipe, and a terminal that does not tell, count as 80 columns and 24 lines.</summary>
internal static class TerminalSize
{
    private const int DefaultColumns = 80;
    private const int DefaultLines = 24;
    private const int MinColumns = 20;
    private const int MinLines = 5;

    /// <summary>Width of a table in a pipe, which has no columns: wide enough for most.</summary>
    private const int PipeColumns = 132;

    public static int Columns => Console.IsOutputRedirected ? PipeColumns : Math.Max(MinColumns, Ask(() => Console.WindowWidth, DefaultColumns));

    public static int Lines => Console.IsOutputRedirected ? DefaultLines : Math.Max(MinLines, Ask(() => Console.WindowHeight, DefaultLines));

    private static int Ask(Func<int> ask, int instead)
    {
        try
        {
            return ask() is > 0 and var size ? size : instead;
        }
        catch (IOException)
        {
            return instead;
        }
    }
}
