using System.Globalization;

namespace Shipper.Demo;

/// <summary>Shows how far the demo is: one line that is rewritten on a terminal, plain lines elsewhere.</summary>
internal sealed class DemoProgress(TextWriter output, bool isTerminal, TimeProvider time)
{
    private static readonly TimeSpan LiveInterval = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan PlainInterval = TimeSpan.FromSeconds(1);

    private const int BarWidth = 30;
    private const string ClearLine = "\r\x1b[K";

    private long _lastShown;

    /// <summary>Something happened that is worth a line of its own.</summary>
    public void Say(string message)
    {
        if (isTerminal)
        {
            output.Write(ClearLine);
        }

        output.WriteLine(message);
    }

    /// <summary>Shows the present numbers, if it is time to.</summary>
    public void Show(long written, long delivered, long total)
    {
        long now = time.GetTimestamp();
        if (_lastShown != 0 && time.GetElapsedTime(_lastShown, now) < (isTerminal ? LiveInterval : PlainInterval))
        {
            return;
        }

        _lastShown = now;
        string numbers = string.Create(CultureInfo.InvariantCulture, $"written {written,9:N0}   delivered {delivered,9:N0}   behind {Math.Max(0, written - delivered),7:N0}");
        if (!isTerminal)
        {
            output.WriteLine(numbers);
            return;
        }

        int filled = (int)Math.Min(BarWidth, delivered * BarWidth / Math.Max(1, total));
        output.Write($"{ClearLine}[{new string('#', filled)}{new string('.', BarWidth - filled)}] {numbers}");
    }

    /// <summary>The live line has done its work.</summary>
    public void End()
    {
        if (isTerminal)
        {
            output.Write(ClearLine);
        }
    }
}
