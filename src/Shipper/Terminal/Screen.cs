using System.Text;
using Shipper.Native;

namespace Shipper.Terminal;

/// <summary>The whole terminal: its alternate screen, on which only lines that changed are written, and its keys. Disposing of it restores the terminal.</summary>
/// <remarks>Thread-safe.</remarks>
internal sealed class Screen : IDisposable
{
    // Alternate screen, hidden cursor, no wrapping at the right margin; and back.
    private const string Enter = "\e[?1049h\e[?25l\e[?7l\e[2J";
    private const string Leave = "\e[0m\e[?7h\e[?25h\e[?1049l";

    private readonly Lock _lock = new();
    private readonly Stream _output = Console.OpenStandardOutput();
    private readonly byte[]? _settings;
    private readonly bool _hasColors = Output.HasColors;
    private string[] _shown = [];
    private (int Columns, int Rows) _size;
    private bool _isRestored;

    public Screen()
    {
        _settings = TerminalDevice.MakeRaw();
        Write(Enter);
    }

    /// <summary>Draws a screen. Lines that are missing are empty, and what does not fit is cut off.</summary>
    public void Draw(IReadOnlyList<TextLine> lines, (int Columns, int Rows) size)
    {
        lock (_lock)
        {
            if (_isRestored)
            {
                return;
            }

            var text = new StringBuilder();
            if (size != _size)
            {
                text.Append("\e[2J");
                _shown = new string[size.Rows];
                _size = size;
            }

            for (int row = 0; row < size.Rows; row++)
            {
                // Behind a line that fills its row, the cursor stays on the last character, and clearing the rest would remove that.
                TextLine content = row < lines.Count ? lines[row].Cut(size.Columns) : new TextLine();
                string line = content.Render(_hasColors) + (content.Width < size.Columns ? "\e[K" : "");
                if (line != _shown[row])
                {
                    text.Append("\e[").Append(row + 1).Append(";1H").Append(line);
                    _shown[row] = line;
                }
            }

            Write(text.ToString());
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            if (_isRestored)
            {
                return;
            }

            _isRestored = true;
            try
            {
                Write(Leave);
            }
            catch (IOException)
            {
                // The terminal is gone.
            }

            if (_settings is not null)
            {
                TerminalDevice.Restore(_settings);
            }

            _output.Dispose();
        }
    }

    private void Write(string text)
    {
        if (text.Length > 0)
        {
            _output.Write(Encoding.UTF8.GetBytes(text));
            _output.Flush();
        }
    }
}
