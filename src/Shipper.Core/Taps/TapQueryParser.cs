using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Shipper.Processing.Patterns;
using Shipper.Processing.Rules;

namespace Shipper.Taps;

/// <summary>
/// Parses the part of LogQL that a tap supports. White space is allowed between tokens.
/// <code>
/// query    = [ selector ] { ( "|=" | "!=" | "|~" | "!~" ) string }
/// selector = "{" [ matcher { "," matcher } ] "}"
/// matcher  = name ( "=" | "!=" | "=~" | "!~" ) string
/// string   = a literal of Go, in double quotes or backquotes
/// </code>
/// </summary>
internal sealed class TapQueryParser(string text)
{
    /// <summary>Maximum length of a query.</summary>
    public const int MaxLength = 4 * 1024;

    private const string Escapes = "abfnrtv\\\"";
    private const string Escaped = "\a\b\f\n\r\t\v\\\"";

    private const char End = '\0';

    private int _position;
    private string? _error;

    private char Current => _position < text.Length ? text[_position] : End;

    public bool TryParse([NotNullWhen(true)] out TapQuery? query, [NotNullWhen(false)] out string? error)
    {
        query = null;
        error = null;
        if (text.Length > MaxLength)
        {
            error = string.Create(CultureInfo.InvariantCulture, $"the query has {text.Length} characters; at most {MaxLength} are allowed");
            return false;
        }

        var labels = new List<LabelMatcher>();
        var lines = new List<LineFilter>();
        if (!TryReadSelector(labels) || !TryReadFilters(lines))
        {
            error = _error!;
            return false;
        }

        query = labels.Count + lines.Count == 0 ? TapQuery.Everything : new TapQuery([.. labels], [.. lines]);
        return true;
    }

    private bool TryReadSelector(List<LabelMatcher> labels)
    {
        SkipBlanks();
        if (!TryTake("{"))
        {
            return true;
        }

        SkipBlanks();
        if (TryTake("}"))
        {
            return true;
        }

        while (TryReadMatcher(labels))
        {
            SkipBlanks();
            if (TryTake("}"))
            {
                return true;
            }

            if (!TryTake(","))
            {
                return Expected("\",\" or \"}\"");
            }
        }

        return false;
    }

    private bool TryReadMatcher(List<LabelMatcher> labels)
    {
        SkipBlanks();
        int start = _position;
        while (char.IsAsciiLetter(Current) || Current == '_' || (_position > start && char.IsAsciiDigit(Current)))
        {
            _position++;
        }

        string name = text[start.._position];
        if (name.Length == 0)
        {
            return Expected("the name of a label");
        }

        SkipBlanks();
        bool isRegex = TryTake("=~");
        bool isNegatedRegex = !isRegex && TryTake("!~");
        bool isNegated = isNegatedRegex || (!isRegex && TryTake("!="));
        if (!isRegex && !isNegated && !TryTake("="))
        {
            return Expected("=, !=, =~ or !~");
        }

        SkipBlanks();
        int place = _position;
        if (!TryReadString(out string value))
        {
            return false;
        }

        Regex? regex = null;
        if ((isRegex || isNegatedRegex) && !TryMakeRegex(place, value, pattern => new Regex($@"\A(?s:{pattern})\z", TextPattern.Options), out regex))
        {
            return false;
        }

        labels.Add(new LabelMatcher(name, value, regex, isNegated));
        return true;
    }

    private bool TryReadFilters(List<LineFilter> lines)
    {
        for (SkipBlanks(); _position < text.Length; SkipBlanks())
        {
            bool isRegex = TryTake("|~");
            bool isNegatedRegex = !isRegex && TryTake("!~");
            bool isNegated = isNegatedRegex || (!isRegex && TryTake("!="));
            if (!isRegex && !isNegated && !TryTake("|="))
            {
                return Expected(lines.Count == 0 && _position == 0 ? "{, |=, !=, |~ or !~" : "|=, !=, |~, !~ or the end");
            }

            SkipBlanks();
            int place = _position;
            if (!TryReadString(out string value))
            {
                return false;
            }

            RegexTest? regex = null;
            if ((isRegex || isNegatedRegex) && !TryMakeRegex(place, value, pattern => new RegexTest(pattern), out regex))
            {
                return false;
            }

            lines.Add(new LineFilter(Encoding.UTF8.GetBytes(value), regex, isNegated));
        }

        return true;
    }

    private bool TryMakeRegex<T>(int place, string pattern, Func<string, T> make, out T? regex)
        where T : class
    {
        regex = null;
        try
        {
            // A valid pattern can't close the group that it is put into. Go writes the name of a group in another way.
            string converted = pattern.Replace("(?P<", "(?<", StringComparison.Ordinal);
            _ = new Regex(converted, TextPattern.Options);
            regex = make(converted);
            return true;
        }
        catch (Exception e) when (e is ArgumentException or NotSupportedException)
        {
            return Fail(place, $"expected a regex without backtracking: {(e is RegexParseException error ? TextPattern.Describe(error) : e.Message)}");
        }
    }

    private bool TryReadString(out string value)
    {
        value = "";
        int start = _position;
        char quote = Current;
        if (quote is not ('"' or '`'))
        {
            return Expected("a text in \" or `");
        }

        var read = new StringBuilder();
        for (_position++; _position < text.Length && Current != quote && (quote == '`' || Current != '\n');)
        {
            char next = text[_position++];
            if (next != '\\' || quote == '`')
            {
                read.Append(next);
            }
            else if (!TryReadEscape(read))
            {
                return false;
            }
        }

        value = read.ToString();
        return TryTake(quote.ToString()) || Fail(start, $"expected {quote} at the end of this text");
    }

    private bool TryReadEscape(StringBuilder value)
    {
        int start = _position - 1;
        char kind = Current;
        int known = kind == End ? -1 : Escapes.IndexOf(kind, StringComparison.Ordinal);
        if (known >= 0)
        {
            _position++;
            value.Append(Escaped[known]);
            return true;
        }

        // Of Go's numeric escapes, only those of ASCII stand for one character when they have two or three digits: others are single bytes.
        bool isOctal = kind is >= '0' and <= '7';
        int digits = kind switch { 'x' => 2, 'u' => 4, 'U' => 8, _ => isOctal ? 3 : 0 };
        int first = _position + (isOctal ? 0 : 1);
        if (digits > 0 && first + digits <= text.Length && TryReadNumber(text.AsSpan(first, digits), isOctal, out int code)
            && Rune.IsValid(code) && (kind is 'u' or 'U' || code <= sbyte.MaxValue))
        {
            value.Append(new Rune(code).ToString());
            _position = first + digits;
            return true;
        }

        return Fail(start, "expected an escape sequence that Go knows, such as \\n or \\u00e9; in `backquotes` nothing is escaped");
    }

    private static bool TryReadNumber(ReadOnlySpan<char> digits, bool isOctal, out int number)
    {
        number = 0;
        foreach (char digit in digits)
        {
            int value = char.IsAsciiHexDigit(digit) ? Convert.ToInt32(digit.ToString(), 16) : 16;
            if (value >= (isOctal ? 8 : 16) || number > int.MaxValue >> 4)
            {
                return false;
            }

            number = (number * (isOctal ? 8 : 16)) + value;
        }

        return true;
    }

    private void SkipBlanks()
    {
        while (Current is ' ' or '\t' or '\r' or '\n')
        {
            _position++;
        }
    }

    private bool TryTake(string token)
    {
        if (string.CompareOrdinal(text, _position, token, 0, token.Length) != 0)
        {
            return false;
        }

        _position += token.Length;
        return true;
    }

    private bool Expected(string what) =>
        Fail(_position, _position < text.Length ? $"expected {what}, not {Quote(text, _position)}" : $"expected {what}");

    private bool Fail(int position, string message)
    {
        // One line: a message of .NET may quote a pattern.
        _error = string.Create(CultureInfo.InvariantCulture, $"column {position + 1}: {message}").ReplaceLineEndings(" ");
        return false;
    }

    private static string Quote(string text, int position) =>
        char.IsControl(text[position]) ? string.Create(CultureInfo.InvariantCulture, $"character {(int)text[position]}")
        : Rune.TryGetRuneAt(text, position, out Rune rune) ? $"\"{rune}\""
        : "half a character";
}
