using System.Text.RegularExpressions;

namespace Shipper.LogQl;

/// <summary>
/// Splits LogQL into tokens as Loki's lexer does. Keywords are case-insensitive. The name of a function is a keyword only before "(", "by (" or
/// "without (", and an identifier elsewhere.
/// </summary>
internal sealed class LogQlLexer
{
    private static readonly HashSet<string> Keywords =
    [
        "by", "without", "bool", "offset", "on", "ignoring", "group_left", "group_right", "or", "and", "unless", "json", "regexp", "logfmt",
        "unpack", "pattern", "label_format", "line_format", "decolorize", "drop", "keep", "unwrap", "variants", "of",
    ];

    private static readonly HashSet<string> Functions =
    [
        .. LogQlFunctions.OfRanges, .. LogQlFunctions.OfVectors, .. LogQlFunctions.Conversions, "vector", "label_replace", "ip",
    ];

    private static readonly string[] Symbols =
    [
        "|=", "|~", "|>", "!=", "!~", "!>", "=~", "==", ">=", "<=", "|", "=", ">", "<", "+", "-", "*", "/", "%", "^", "(", ")", "{", "}", ",", ".",
    ];

    private static readonly Regex Duration = new(@"\G-?(?:[0-9]+(?:\.[0-9]+)?(?:ns|us|µs|ms|s|m|h|d|w|y))+(?![A-Za-z0-9_.])", RegexOptions.CultureInvariant);
    private static readonly Regex Bytes = new(@"\G[0-9]+(?:\.[0-9]+)?(?:[kKMGTP]i?B?|B)(?![A-Za-z0-9_.])", RegexOptions.CultureInvariant);
    private static readonly Regex Number = new(@"\G(?:0[xX][0-9a-fA-F]+|(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)", RegexOptions.CultureInvariant);
    private static readonly Regex RangeDuration = new(@"^(?:0|(?=[0-9])(?:[0-9]+y)?(?:[0-9]+w)?(?:[0-9]+d)?(?:[0-9]+h)?(?:[0-9]+m)?(?:[0-9]+s)?(?:[0-9]+ms)?)$", RegexOptions.CultureInvariant);
    private static readonly Regex Identifier = new(@"\G[A-Za-z_][A-Za-z0-9_]*", RegexOptions.CultureInvariant);
    private static readonly Regex Comment = new(@"\G(?:#[^\n]*|//[^\n]*|/\*.*?\*/)", RegexOptions.CultureInvariant | RegexOptions.Singleline);
    private static readonly Regex Flag = new(@"\G--(?:strict|keep-empty)(?![A-Za-z-])", RegexOptions.CultureInvariant);
    private static readonly Regex OpensFunction = new(@"\G\s*(?:\(|(?:by|without)\s*\()", RegexOptions.CultureInvariant | RegexOptions.IgnoreCase);

    private readonly string _query;
    private int _position;

    private LogQlLexer(string query) => _query = query;

    /// <summary>Splits a query into tokens. The last one marks the end.</summary>
    /// <exception cref="FormatException">The query has characters that form no token.</exception>
    public static IReadOnlyList<LogQlToken> Split(string query)
    {
        var lexer = new LogQlLexer(query);
        List<LogQlToken> tokens = [];
        do
        {
            tokens.Add(lexer.Next());
        }
        while (tokens[^1].Kind != LogQlTokenKind.End);
        return tokens;
    }

    private LogQlToken Next()
    {
        SkipBlanks();
        int start = _position;
        if (start == _query.Length)
        {
            return new LogQlToken(LogQlTokenKind.End, "", start);
        }

        char first = _query[start];
        if (first is '"' or '`')
        {
            return new LogQlToken(LogQlTokenKind.Text, GoString.Unquote(_query, ref _position), start);
        }

        if (first == '[')
        {
            return ReadRange(start);
        }

        if (Take(Flag) is { } flag)
        {
            return new LogQlToken(LogQlTokenKind.Flag, flag, start);
        }

        if ((char.IsAsciiDigit(first) || first == '-') && Take(Duration) is { } duration)
        {
            return new LogQlToken(LogQlTokenKind.Duration, duration, start);
        }

        if (char.IsAsciiDigit(first) && (Take(Bytes) is { } bytes))
        {
            return new LogQlToken(LogQlTokenKind.Bytes, bytes, start);
        }

        if (Take(Number) is { } number)
        {
            return new LogQlToken(LogQlTokenKind.Number, number, start);
        }

        if (Take(Identifier) is { } word)
        {
            return ReadWord(word, start);
        }

        string? symbol = Array.Find(Symbols, candidate => string.CompareOrdinal(_query, start, candidate, 0, candidate.Length) == 0);
        _position += symbol?.Length ?? 0;
        return symbol is not null
            ? new LogQlToken(LogQlTokenKind.Symbol, symbol, start)
            : throw new FormatException($"\"{first}\" at {start} does not begin a token");
    }

    private LogQlToken ReadWord(string word, int start)
    {
#pragma warning disable CA1308 // The keywords of the grammar are in lower case.
        string lower = word.ToLowerInvariant();
#pragma warning restore CA1308
        bool isKeyword = Functions.Contains(lower) ? OpensFunction.IsMatch(_query, _position) : Keywords.Contains(lower);
        return new LogQlToken(isKeyword ? LogQlTokenKind.Keyword : LogQlTokenKind.Identifier, isKeyword ? lower : word, start);
    }

    private LogQlToken ReadRange(int start)
    {
        int end = _query.IndexOf(']', start);
        string text = end < 0 ? throw new FormatException($"missing ] after the range at {start}") : _query[(start + 1)..end];
        _position = end + 1;
        return RangeDuration.IsMatch(text)
            ? new LogQlToken(LogQlTokenKind.Range, text, start)
            : throw new FormatException($"\"{text}\" at {start} is not a duration such as 5m or 1h30m");
    }

    private void SkipBlanks()
    {
        int before;
        do
        {
            before = _position;
            while (_position < _query.Length && char.IsWhiteSpace(_query[_position]))
            {
                _position++;
            }

            Take(Comment);
        }
        while (_position > before);
    }

    private string? Take(Regex regex)
    {
        Match match = regex.Match(_query, _position);
        _position += match.Length;
        return match.Success ? match.Value : null;
    }
}
