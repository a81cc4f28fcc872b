using System.Globalization;

namespace Shipper.Demo;

/// <summary>Shows the progress of the demo: one line that is rewritten on a terminal, plain lines elsewhere.</summary>
/// <param name="output">Receives the progress.</param>
/// <param name="terminalWidth">Number of columns of the terminal behind <paramref name="output"/>; 0 if it is not a terminal.</param>
/// <param name="time">The clock.</param>
internal sealed class DemoProgress(TextWriter output, int terminalWidth, TimeProvider time)
{
    private static readonly TimeSpan LiveInterval = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan PlainInterval = TimeSpan.FromSeconds(1);

    private const int BarWidth = 30;
    private const string ClearLine = "\r\x1b[K";

    private readonly bool _isTerminal = terminalWidth > 0;
    private long _lastShown;

    /// <summary>Writes a message on its own line.</summary>
    public void WriteMessage(string message)
    {
        if (_isTerminal)
        {
            output.Write(ClearLine);
        }

        output.WriteLine(message);
    }

    /// <summary>Shows the current numbers, unless the last update was only a moment ago.</summary>
    public void Update(long written, long delivered, long total)
    {
        long now = time.GetTimestamp();
        if (_lastShown != 0 && time.GetElapsedTime(_lastShown, now) < (_isTerminal ? LiveInterval : PlainInterval))
        {
            return;
        }

        _lastShown = now;
        string numbers = string.Create(CultureInfo.InvariantCulture, $"written {written,9:N0}   delivered {delivered,9:N0}   behind {Math.Max(0, written - delivered),7:N0}");
        if (!_isTerminal)
        {
            output.WriteLine(numbers);
            return;
        }

        int filled = (int)Math.Min(BarWidth, delivered * BarWidth / Math.Max(1, total));
        string line = $"[{new string('#', filled)}{new string('.', BarWidth - filled)}] {numbers}";

        // A line that wraps can't be rewritten.
        output.Write(ClearLine + (line.Length < terminalWidth ? line : line[..(terminalWidth - 1)]));
    }

    /// <summary>Removes the progress line.</summary>
    public void Clear()
    {
        if (_isTerminal)
        {
            output.Write(ClearLine);
        }
    }
}
