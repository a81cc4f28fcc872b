using System.Text;
using System.Text.RegularExpressions;

namespace Shipper.Documents.Tests;

/// <summary>
/// Reads the string literals of C# code. Concatenated literals are one text, escape sequences are replaced by their characters, and each interpolation or
/// placeholder of a log message becomes a <see cref="Hole"/>. Literals within an interpolation are texts of their own.
/// </summary>
internal sealed partial class StringLiterals
{
    /// <summary>Stands for a value that is inserted at run time.</summary>
    public const char Hole = '\uFFFC';

    private readonly string _code;
    private readonly List<string> _texts = [];
    private int _at;

    private StringLiterals(string code) => _code = code;

    public static IReadOnlyList<string> Read(string code)
    {
        var sut = new StringLiterals(code);
        while (sut._at < code.Length)
        {
            sut.ReadCode();
        }

        return [.. sut._texts.Select(text => Placeholder().Replace(text, $"{Hole}"))];
    }

    /// <summary>Reads up to the brace that closes an interpolation, or to the end.</summary>
    private void ReadCode()
    {
        int depth = 0;
        while (_at < _code.Length)
        {
            if (LiteralStart().Match(_code, _at) is { Success: true } start)
            {
                ReadText(start);
            }
            else if (Skipped().Match(_code, _at) is { Success: true } skipped)
            {
                _at += skipped.Length;
            }
            else
            {
                char character = _code[_at++];
                depth += character switch { '{' => 1, '}' => -1, _ => 0 };
                if (depth < 0)
                {
                    return;
                }
            }
        }
    }

    /// <summary>Reads a literal, and all that are concatenated with it.</summary>
    private void ReadText(Match start)
    {
        var text = new StringBuilder();
        for (Match next = start; next.Success; next = Concatenation().Match(_code, _at))
        {
            _at += next.Length;
            ReadLiteral(text, next.Groups["prefix"].Value, next.Groups["quotes"].Value);
        }

        _texts.Add(text.ToString());
    }

    private void ReadLiteral(StringBuilder text, string prefix, string quotes)
    {
        int holeBraces = prefix.Count(character => character == '$');
        bool isRaw = quotes.Length > 1;
        bool isVerbatim = prefix.Contains('@', StringComparison.Ordinal);
        while (_at < _code.Length)
        {
            char character = _code[_at];
            if (isVerbatim && Follows("\"\""))
            {
                text.Append('"');
                _at += 2;
            }
            else if (Follows(quotes))
            {
                _at += quotes.Length;
                return;
            }
            else if (character == '\\' && !isRaw && !isVerbatim)
            {
                text.Append(_code[_at + 1] is 'n' or 'r' or 't' ? ' ' : _code[_at + 1]);
                _at += 2;
            }
            else if (holeBraces > 0 && !isRaw && (Follows("{{") || Follows("}}")))
            {
                text.Append(character);
                _at += 2;
            }
            else if (holeBraces > 0 && Follows(new string('{', holeBraces)))
            {
                text.Append(Hole);
                _at += holeBraces;
                ReadCode();
                _at += holeBraces - 1;
            }
            else
            {
                text.Append(character);
                _at++;
            }
        }
    }

    private bool Follows(string text) => string.CompareOrdinal(_code, _at, text, 0, text.Length) == 0;

    [GeneratedRegex("""\G(?<prefix>[$@]*)(?<quotes>"{3,}|")""")]
    private static partial Regex LiteralStart();

    [GeneratedRegex("""\G\s*\+\s*(?<prefix>[$@]*)(?<quotes>"{3,}|")""")]
    private static partial Regex Concatenation();

    /// <summary>Matches a comment or a character.</summary>
    [GeneratedRegex(@"\G(?://[^\n]*|/\*[\s\S]*?\*/|'(?:\\[^\n]|[^'\\\n])[^'\n]*')")]
    private static partial Regex Skipped();

    /// <summary>Matches a placeholder of a log message.</summary>
    [GeneratedRegex(@"\{\w+(?::[^{}]*)?\}")]
    private static partial Regex Placeholder();
}
