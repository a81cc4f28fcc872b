namespace Shipper.Terminal;

/// <summary>Wraps text to a width.</summary>
internal static class Paragraph
{
    /// <summary>Returns the lines of a text: a prefix, then words with a hanging indent. A word that is wider than a line is split.</summary>
    public static IEnumerable<TextLine> Wrap(TextLine prefix, string text, Tone tone, int width)
    {
        int indent = prefix.Width;
        TextLine line = prefix;
        bool isEmpty = true;
        foreach (string paragraph in text.ReplaceLineEndings("\n").Split('\n'))
        {
            foreach (string word in paragraph.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            {
                string rest = Processing.Cases.QuotedText.ToOneLine(word);
                if (!isEmpty && line.Width + 1 + CharWidths.Of(rest) > width)
                {
                    yield return line;
                    (line, isEmpty) = (Indented(indent), true);
                }

                while (isEmpty && line.Width + CharWidths.Of(rest) > width && CharWidths.Take(rest, Math.Max(2, width - line.Width)) is { Length: > 0 } start && start.Length < rest.Length)
                {
                    yield return line.Add(start, tone);
                    rest = rest[start.Length..];
                    line = Indented(indent);
                }

                line.Add(isEmpty ? rest : " " + rest, tone);
                isEmpty = false;
            }

            if (!isEmpty)
            {
                yield return line;
                (line, isEmpty) = (Indented(indent), true);
            }
        }
    }

    /// <summary>Returns the lines of a list: a prefix, then items with a separator between them and a hanging indent.</summary>
    public static IEnumerable<TextLine> Join(TextLine prefix, IEnumerable<TextLine> items, int width)
    {
        int indent = prefix.Width;
        TextLine line = prefix;
        bool isEmpty = true;
        foreach (TextLine item in items.Where(item => item.Width > 0))
        {
            if (!isEmpty && line.Width + CharWidths.Of(Symbols.Separator) + item.Width > width)
            {
                yield return line;
                (line, isEmpty) = (Indented(indent), true);
            }

            line.Add(isEmpty ? "" : Symbols.Separator, Tone.Dim).Add(item.Cut(Math.Max(1, width - indent)));
            isEmpty = false;
        }

        if (!isEmpty)
        {
            yield return line;
        }
    }

    private static TextLine Indented(int columns) => new TextLine().PadTo(columns);
}
