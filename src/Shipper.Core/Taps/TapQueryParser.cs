using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Shipper.Taps;

/// <summary>Parses the part of LogQL that a tap understands. Source: https://grafana.com/docs/loki/latest/query/log_queries/.</summary>
/// <remarks><code>query = [ "{" [ matcher *( "," matcher ) ] "}" ] *( filter string )</code></remarks>
internal sealed class TapQueryParser(string text)
{
    private const int MaxLength = 4096;

    private int _position;

    /// <summary>Parses the query.</summary>
    /// <exception cref="FormatException">It is not one; the message says where.</exception>
    public TapQuery Parse()
    {
        if (text.Length > MaxLength)
        {
            throw new FormatException(string.Create(CultureInfo.InvariantCulture, $"the query has {text.Length} characters; at most {MaxLength} are allowed"));
        }

        var matchers = new List<LabelMatcher>();
        var filters = new List<LineFilter>();
        SkipSpace();
        if (TryTake("{"))
        {
            ParseMatchers(matchers);
        }

        for (SkipSpace(); _position < text.Length; SkipSpace())
        {
            filters.Add(ParseFilter());
        }

        return new TapQuery(matchers, filters);
    }

    private void ParseMatchers(List<LabelMatcher> matchers)
    {
        SkipSpace();
        while (!TryTake("}"))
        {
            if (matchers.Count > 0)
            {
                Expect(",", "\",\" or \"}\"");
                SkipSpace();
                if (TryTake("}"))
                {
                    return;
                }
            }

            matchers.Add(ParseMatcher());
            SkipSpace();
        }
    }

    private LabelMatcher ParseMatcher()
    {
        int start = _position;
        while (_position < text.Length && (char.IsAsciiLetterOrDigit(text[_position]) || text[_position] == '_'))
        {
            _position++;
        }

        if (_position == start || char.IsAsciiDigit(text[start]))
        {
            throw Error(start, "expected the name of a label");
        }

        string name = text[start.._position];
        SkipSpace();
        (bool isNegated, bool isRegex) =
            TryTake("=~") ? (false, true)
            : TryTake("!~") ? (true, true)
            : TryTake("!=") ? (true, false)
            : TryTake("=") ? (false, false)
            : throw Error(_position, $"expected =, !=, =~ or !~ after {name}");
        SkipSpace();
        int at = _position;
        string value = ParseString();
        return new LabelMatcher(name, value, isRegex ? Compile($"^(?s:{value})$", at) : null, isNegated);
    }

    private LineFilter ParseFilter()
    {
        (bool isNegated, bool isRegex) =
            TryTake("|=") ? (false, false)
            : TryTake("|~") ? (false, true)
            : TryTake("!=") ? (true, false)
            : TryTake("!~") ? (true, true)
            : throw Error(_position, "expected a line filter: |=, !=, |~ or !~");
        SkipSpace();
        int at = _position;
        string operand = ParseString();
        return isRegex ? new LineFilter(null, Compile(operand, at), isNegated) : new LineFilter(Encoding.UTF8.GetBytes(operand), null, isNegated);
    }

    /// <summary>Parses a string as Go writes it, in quotes or backquotes.</summary>
    private string ParseString()
    {
        int start = _position;
        if (TryTake("`"))
        {
            int end = text.IndexOf('`', _position);
            if (end < 0)
            {
                throw Error(start, "the string has no closing `");
            }

            string raw = text[_position..end];
            _position = end + 1;
            return raw;
        }

        if (!TryTake("\""))
        {
            throw Error(start, "expected a string in quotes");
        }

        var value = new StringBuilder();
        for (; _position < text.Length && text[_position] != '"'; _position++)
        {
            value.Append(text[_position] == '\\' ? ParseEscape() : text[_position].ToString());
        }

        if (_position == text.Length)
        {
            throw Error(start, "the string has no closing quote");
        }

        _position++;
        return value.ToString();
    }

    /// <summary>Parses an escape. Source: https://go.dev/ref/spec#Rune_literals.</summary>
    private string ParseEscape()
    {
        const string Letters = "abfnrtv\\\"'";
        const string Characters = "\a\b\f\n\r\t\v\\\"'";
        int start = _position++;
        if (_position == text.Length)
        {
            throw Error(start, "the string ends in the middle of an escape");
        }

        if (Letters.IndexOf(text[_position], StringComparison.Ordinal) is >= 0 and int index)
        {
            return Characters[index].ToString();
        }

        int digits = text[_position] switch { 'x' => 2, 'u' => 4, 'U' => 8, _ => 0 };
        if (digits == 0 || _position + digits >= text.Length
            || !uint.TryParse(text.AsSpan(_position + 1, digits), NumberStyles.HexNumber, CultureInfo.InvariantCulture, out uint code) || !Rune.IsValid(code))
        {
            throw Error(start, "unknown escape; in a regex, write \\\\ for a backslash, or put it into backquotes");
        }

        _position += digits;
        return new Rune(code).ToString();
    }

    private static Regex Compile(string pattern, int at)
    {
        try
        {
            return new Regex(pattern, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);
        }
        catch (Exception e) when (e is ArgumentException or NotSupportedException)
        {
            throw Error(at, $"not a regex that can be matched without backtracking: {e.Message}");
        }
    }

    private void Expect(string token, string expected)
    {
        if (!TryTake(token))
        {
            throw Error(_position, $"expected {expected}");
        }
    }

    private bool TryTake(string token)
    {
        bool isNext = string.CompareOrdinal(text, _position, token, 0, token.Length) == 0;
        _position += isNext ? token.Length : 0;
        return isNext;
    }

    private void SkipSpace()
    {
        while (_position < text.Length && char.IsWhiteSpace(text[_position]))
        {
            _position++;
        }
    }

    private static FormatException Error(int position, string message) => new(string.Create(CultureInfo.InvariantCulture, $"column {position + 1}: {message}"));
}
