using System.Text;

namespace Shipper.Terminal;

/// <summary>
/// The terminal's second screen, as full-screen programs use it. The first one comes back when this object is disposed. Source of the sequences:
/// https://invisible-island.net/xterm/ctlseqs/ctlseqs.html (DECSET 1049, 25 and 2026).
/// </summary>
internal sealed class AlternateScreen : IDisposable
{
    private string _last = "";

    public AlternateScreen()
    {
        Write("\e[?1049h\e[?25l\e[2J");
    }

    /// <summary>Draws the screen. All lines are written together, so that it does not flicker.</summary>
    /// <param name="lines">The lines, none wider than the screen.</param>
    public void Draw(IReadOnlyList<string> lines)
    {
        var text = new StringBuilder("\e[?2026h\e[H");
        for (int i = 0; i < lines.Count; i++)
        {
            text.Append(i > 0 ? "\r\n" : "").Append(lines[i]).Append("\e[K");
        }

        text.Append("\e[J\e[?2026l");
        string drawn = text.ToString();
        if (drawn != _last)
        {
            _last = drawn;
            Write(drawn);
        }
    }

    public void Dispose() => Write("\e[?25h\e[?1049l");

    private static void Write(string text)
    {
        Console.Out.Write(text);
        Console.Out.Flush();
    }
}
