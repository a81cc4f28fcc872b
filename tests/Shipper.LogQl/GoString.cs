using System.Globalization;
using System.Text;

namespace Shipper.LogQl;

/// <summary>Parses string literals of Go, which LogQL uses.</summary>
internal static class GoString
{
    private const string Escapes = "abfnrtv\\\"";
    private const string Escaped = "\a\b\f\n\r\t\v\\\"";

    /// <summary>Reads a literal in double quotes or backquotes.</summary>
    /// <param name="text">The text that contains the literal.</param>
    /// <param name="position">Position of the opening quote; afterwards, the position after the closing quote.</param>
    /// <exception cref="FormatException">The literal does not end, or has an escape sequence that Go does not know.</exception>
    public static string Unquote(string text, ref int position)
    {
        int start = position++;
        char quote = text[start];
        var value = new StringBuilder();
        while (position < text.Length && text[position] != quote)
        {
            char next = text[position++];
            if (quote == '"' && next == '\n')
            {
                break;
            }

            if (quote == '"' && next == '\\')
            {
                AppendEscape(text, ref position, value);
            }
            else
            {
                value.Append(next);
            }
        }

        return position < text.Length && text[position++] == quote
            ? value.ToString()
            : throw new FormatException($"the string at {start} does not end");
    }

    private static void AppendEscape(string text, ref int position, StringBuilder value)
    {
        char kind = position < text.Length ? text[position++] : '\0';
        int known = Escapes.IndexOf(kind, StringComparison.Ordinal);
        int digits = kind switch { 'x' => 2, 'u' => 4, 'U' => 8, _ => 0 };
        if (known >= 0)
        {
            value.Append(Escaped[known]);
        }
        else if (digits > 0 && position + digits <= text.Length
            && int.TryParse(text.AsSpan(position, digits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out int code))
        {
            value.Append(char.ConvertFromUtf32(code));
            position += digits;
        }
        else
        {
            throw new FormatException($"\"\\{kind}\" at {position - 2} is not an escape sequence; write \\\\{kind}, or use `backquotes`");
        }
    }
}
