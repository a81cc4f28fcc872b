using System.Text;

namespace Shipper.Terminal;

/// <summary>Makes text from outside safe to print: names, lines and Loki's words must not move the cursor, change colors or turn the writing around.</summary>
internal static class VisibleText
{
    private const char FirstPicture = '\u2400';
    private const char DeletePicture = '\u2421';

    /// <summary>Replaces control characters with visible ones, and characters that change the direction of the text with U+FFFD.</summary>
    public static string Of(string? text) => text is null ? "" : !text.Any(IsUnsafe) ? text : string.Concat(text.Select(Replace));

    /// <summary>Shortens a text to a number of columns. A long text ends with …</summary>
    public static string Cut(string text, int columns)
    {
        if (Width(text) <= columns)
        {
            return text;
        }

        var cut = new StringBuilder();
        int width = 0;
        foreach (Rune rune in text.EnumerateRunes())
        {
            width += WidthOf(rune);
            if (width > columns - 1)
            {
                break;
            }

            cut.Append(rune.ToString());
        }

        return columns <= 0 ? "" : cut.Append('…').ToString();
    }

    /// <summary>Shortens a text in its middle, so that its beginning and its end stay.</summary>
    public static string CutMiddle(string text, int columns)
    {
        if (text.Length <= columns || columns < 3)
        {
            return Cut(text, columns);
        }

        int end = (columns - 1) / 2;
        return $"{text[..(columns - 1 - end)]}…{text[^end..]}";
    }

    /// <summary>Adds spaces up to a number of columns.</summary>
    public static string Pad(string text, int columns, bool isRight = false)
    {
        string spaces = new(' ', Math.Max(0, columns - Width(text)));
        return isRight ? spaces + text : text + spaces;
    }

    /// <summary>Number of columns that a text takes.</summary>
    public static int Width(string text)
    {
        int width = 0;
        foreach (Rune rune in text.EnumerateRunes())
        {
            width += WidthOf(rune);
        }

        return width;
    }

    /// <summary>Two columns for the scripts of East Asia and for pictures. Source: https://www.unicode.org/reports/tr11/.</summary>
    private static int WidthOf(Rune rune) =>
        rune.Value < 0x300 ? 1
        : Rune.GetUnicodeCategory(rune) is System.Globalization.UnicodeCategory.NonSpacingMark or System.Globalization.UnicodeCategory.EnclosingMark or System.Globalization.UnicodeCategory.Format ? 0
        : rune.Value is (>= 0x1100 and <= 0x115F) or (>= 0x2E80 and <= 0xA4CF) or (>= 0xAC00 and <= 0xD7A3) or (>= 0xF900 and <= 0xFAFF) or (>= 0xFE30 and <= 0xFE6F) or (>= 0xFF00 and <= 0xFF60) or (>= 0x1F300 and <= 0x1FAFF) or (>= 0x20000 and <= 0x3FFFD) ? 2
        : 1;

    private static bool IsUnsafe(char c) => char.IsControl(c) || c is '\u2028' or '\u2029' or '\u200E' or '\u200F' or '\u061C' || c is (>= '\u202A' and <= '\u202E') or (>= '\u2066' and <= '\u2069');

    private static string Replace(char c) =>
        c == '\t' ? " "
        : c < ' ' ? ((char)(FirstPicture + c)).ToString()
        : c == '\x7f' ? DeletePicture.ToString()
        : IsUnsafe(c) ? "\uFFFD"
        : c.ToString();
}
