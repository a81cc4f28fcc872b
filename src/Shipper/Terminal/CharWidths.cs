using System.Globalization;
using System.Text;

namespace Shipper.Terminal;

/// <summary>Widths of texts in columns of a terminal.</summary>
internal static class CharWidths
{
    // The wide blocks of Unicode's EastAsianWidth.txt, rounded to blocks. A block too many only costs a column.
    private static readonly (int First, int Last)[] Wide =
    [
        (0x1100, 0x115f), (0x231a, 0x231b), (0x23e9, 0x23f3), (0x25fd, 0x25fe), (0x2614, 0x2615), (0x2648, 0x2653), (0x26a1, 0x26a1), (0x26bd, 0x26be), (0x2705, 0x2705), (0x274c, 0x274c),
        (0x2753, 0x2757), (0x2e80, 0xa4cf), (0xa960, 0xa97f), (0xac00, 0xd7a3), (0xf900, 0xfaff), (0xfe30, 0xfe6f), (0xff00, 0xff60), (0xffe0, 0xffe6), (0x16fe0, 0x18cff),
        (0x1b000, 0x1b2ff), (0x1f004, 0x1f004), (0x1f18e, 0x1f19a), (0x1f200, 0x1f64f), (0x1f680, 0x1f6ff), (0x1f7e0, 0x1f7ff), (0x1f900, 0x1faff), (0x20000, 0x3fffd),
    ];

    /// <summary>Returns the width of a text.</summary>
    public static int Of(string text)
    {
        int width = 0;
        foreach (Rune rune in text.EnumerateRunes())
        {
            width += Of(rune);
        }

        return width;
    }

    /// <summary>Returns the width of a character: 0, 1 or 2.</summary>
    public static int Of(Rune rune)
    {
        if (rune.Value < 0x300)
        {
            return 1;
        }

        if (Rune.GetUnicodeCategory(rune) is UnicodeCategory.NonSpacingMark or UnicodeCategory.EnclosingMark or UnicodeCategory.Format)
        {
            return 0;
        }

        return Wide.Any(block => rune.Value >= block.First && rune.Value <= block.Last) ? 2 : 1;
    }

    /// <summary>Cuts a text to at most a width. What is cut off at the end is marked.</summary>
    public static string CutEnd(string text, int width) => Of(text) <= width ? text : width <= 0 ? "" : Take(text, width - 1) + Symbols.Ellipsis;

    /// <summary>Cuts a text in the middle: the end of a generated name tells more than its middle.</summary>
    public static string CutMiddle(string text, int width)
    {
        if (Of(text) <= width)
        {
            return text;
        }

        int tail = (width - 1) / 2;
        string end = "";
        foreach (Rune rune in text.EnumerateRunes().Reverse())
        {
            if (Of(end) + Of(rune) > tail)
            {
                break;
            }

            end = rune + end;
        }

        return width <= 0 ? "" : Take(text, width - 1 - Of(end)) + Symbols.Ellipsis + end;
    }

    /// <summary>Returns the longest start of a text that is at most as wide as given.</summary>
    public static string Take(string text, int width)
    {
        var taken = new StringBuilder();
        foreach (Rune rune in text.EnumerateRunes())
        {
            width -= Of(rune);
            if (width < 0)
            {
                break;
            }

            taken.Append(rune);
        }

        return taken.ToString();
    }
}
