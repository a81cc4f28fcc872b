using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;

namespace Shipper.Processing.Cases;

/// <summary>Shows text of a log on one line of a terminal. Control characters, which could do anything to a terminal, are escaped as in JSON.</summary>
internal static class QuotedText
{
    /// <summary>Returns a text as a string of JSON.</summary>
    public static string Of(string text) => $"\"{JavaScriptEncoder.UnsafeRelaxedJsonEscaping.Encode(text)}\"";

    /// <summary>Returns a text without quotes, in which only characters are escaped that a terminal does not show as they are.</summary>
    public static string ToOneLine(string text)
    {
        var line = new StringBuilder(text.Length);
        foreach (char c in text)
        {
            line.Append(c switch
            {
                '\n' => "\\n",
                '\r' => "\\r",
                '\t' => "\\t",
                _ when IsShown(c) => $"{c}",
                _ => string.Create(CultureInfo.InvariantCulture, $"\\u{(int)c:X4}"),
            });
        }

        return line.ToString();
    }

    // A format character may change the direction of the text around it.
    private static bool IsShown(char c) => char.GetUnicodeCategory(c)
        is not (UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator);
}
