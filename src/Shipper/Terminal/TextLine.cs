using System.Text;
using Shipper.Processing.Cases;

namespace Shipper.Terminal;

/// <summary>A line of output. Every text that is added may come from somebody else: control characters become visible escapes, so they never reach a terminal.</summary>
internal sealed class TextLine
{
    private readonly List<(string Text, Tone Tone)> _parts = [];

    /// <summary>Width in columns.</summary>
    public int Width { get; private set; }

    /// <summary>Adds a text.</summary>
    public TextLine Add(string text, Tone tone)
    {
        string safe = QuotedText.ToOneLine(text);
        if (safe.Length > 0)
        {
            if (_parts.Count > 0 && _parts[^1].Tone == tone)
            {
                _parts[^1] = (_parts[^1].Text + safe, tone);
            }
            else
            {
                _parts.Add((safe, tone));
            }

            Width += CharWidths.Of(safe);
        }

        return this;
    }

    /// <summary>Adds a text in the terminal's default look.</summary>
    public TextLine Add(string text) => Add(text, Tone.Plain);

    /// <summary>Adds another line.</summary>
    public TextLine Add(TextLine line)
    {
        _parts.AddRange(line._parts);
        Width += line.Width;
        return this;
    }

    /// <summary>Adds spaces up to a column.</summary>
    public TextLine PadTo(int column) => Add(new string(' ', Math.Max(0, column - Width)));

    /// <summary>Returns the line with at most a number of columns.</summary>
    public TextLine Cut(int width)
    {
        if (Width <= width)
        {
            return this;
        }

        var cut = new TextLine();
        foreach ((string text, Tone tone) in _parts)
        {
            string taken = CharWidths.Take(text, width - 1 - cut.Width);
            cut.Add(taken, tone);
            if (taken.Length < text.Length)
            {
                break;
            }
        }

        return cut.Add(Symbols.Ellipsis, Tone.Dim);
    }

    /// <summary>Returns the line with one look for all of it.</summary>
    public TextLine In(Tone tone)
    {
        var line = new TextLine();
        foreach ((string text, _) in _parts)
        {
            line.Add(text, tone);
        }

        return line;
    }

    /// <summary>Returns the text, with escape sequences if it has colors.</summary>
    public string Render(bool hasColors)
    {
        var text = new StringBuilder();
        foreach ((string part, Tone tone) in _parts)
        {
            text.Append(hasColors && tone.Code is { Length: > 0 } ? $"\e[{tone.Code}m{part}\e[0m" : part);
        }

        return hasColors ? text.ToString() : text.ToString().TrimEnd();
    }
}
