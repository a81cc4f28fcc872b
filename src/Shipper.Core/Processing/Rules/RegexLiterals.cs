using System.Buffers;
using System.Text;
using Shipper.Processing.Literals;

namespace Shipper.Processing.Rules;

/// <summary>
/// Finds literals in a regex of which each match must have at least one, so that most texts can be refused without the regex. The analysis is simple: it knows
/// literal characters, groups, alternatives and quantifiers, and skips classes. If it finds anything else, it says that nothing is known.
/// </summary>
internal sealed class RegexLiterals
{
    // Shorter literals are in too many texts, and more literals than these are slow to search.
    private const int MinLength = 3;
    private const int MaxLength = 32;
    private const int MaxLiterals = 16;
    private const int MaxDepth = 20;

    private static readonly SearchValues<char> CountChars = SearchValues.Create("0123456789,");

    private readonly string _pattern;
    private readonly bool _ignoreCase;
    private readonly StringBuilder _run = new();
    private int _position;
    private int _depth;

    private RegexLiterals(string pattern)
    {
        _pattern = pattern;
        if (pattern.StartsWith("(?", StringComparison.Ordinal))
        {
            // Options for the whole pattern. The others change the meaning of what follows.
            int end = pattern.AsSpan(2).IndexOfAnyExcept("ims");
            if (end > 0 && pattern[2 + end] == ')')
            {
                _ignoreCase = pattern.AsSpan(2, end).Contains('i');
                _position = 2 + end + 1;
            }
        }
    }

    /// <summary>Finds the literals.</summary>
    /// <param name="pattern">A valid regex.</param>
    /// <returns>The literals; none if nothing is known.</returns>
    public static Literal[] Find(string pattern)
    {
        var sut = new RegexLiterals(pattern);
        return sut.TryReadAlternatives(out string[] literals) && sut._position == pattern.Length && literals.Length <= MaxLiterals
            ? [.. literals.Select(text => new Literal(Encoding.ASCII.GetBytes(text[..Math.Min(text.Length, MaxLength)]), sut._ignoreCase))]
            : [];
    }

    /// <summary>Returns the better of two sets: the one whose shortest literal is longer.</summary>
    private static string[] Better(string[] first, string[] second) => Rank(second) > Rank(first) ? second : first;

    private static int Rank(string[] literals) => literals.Length == 0 ? 0 : literals.Min(text => text.Length);

    /// <summary>Reads alternatives, up to the end of their group.</summary>
    /// <returns>False if there is anything unknown.</returns>
    private bool TryReadAlternatives(out string[] literals)
    {
        literals = [];
        bool isKnown = true;
        do
        {
            if (!TryReadSequence(out string[] sequence))
            {
                return false;
            }

            isKnown &= sequence.Length > 0;
            literals = [.. literals, .. sequence];
        }
        while (TryTake('|'));

        literals = isKnown ? literals : [];
        return true;
    }

    private bool TryReadSequence(out string[] literals)
    {
        literals = [];
        while (_position < _pattern.Length && _pattern[_position] is not ('|' or ')'))
        {
            char c = _pattern[_position++];
            string[] group = [];
            char? literal = null;
            bool isRead = c switch
            {
                '(' => TryReadGroup(ref literals, out group),
                '[' => TrySkipClass(),
                '\\' => TryReadEscape(out literal),
                '.' or '^' or '$' => true,
                _ => (literal = c) is not null,
            };
            if (!isRead)
            {
                return false;
            }

            int? least = ReadQuantifier();
            if (literal is { } value && IsUsable(value) && least != 0)
            {
                _run.Append(value);
                if (least is null)
                {
                    continue;
                }
            }

            EndRun(ref literals);
            literals = least == 0 ? literals : Better(literals, group);
        }

        EndRun(ref literals);
        return true;
    }

    /// <summary>
    /// Returns true if a character is the same byte in each text that it matches. Only the letter K also equals a character that is not ASCII, if the case is
    /// ignored.
    /// </summary>
    private bool IsUsable(char c) => char.IsAscii(c) && !(_ignoreCase && c is 'k' or 'K');

    private void EndRun(ref string[] literals)
    {
        if (_run.Length >= MinLength)
        {
            literals = Better(literals, [_run.ToString()]);
        }

        _run.Clear();
    }

    private bool TryReadGroup(ref string[] literals, out string[] group)
    {
        EndRun(ref literals);
        group = [];
        if (TryTake('?') && !TryTake(':') && !TrySkipName())
        {
            return false;
        }

        if (++_depth > MaxDepth || !TryReadAlternatives(out group) || !TryTake(')'))
        {
            return false;
        }

        _depth--;
        return true;
    }

    private bool TrySkipName()
    {
        int start = _position + 1;
        if (start >= _pattern.Length || _pattern[_position] != '<' || !char.IsAsciiLetter(_pattern[start]))
        {
            return false;
        }

        int end = _pattern.IndexOf('>', start);
        _position = end + 1;
        return end >= 0;
    }

    private bool TrySkipClass()
    {
        TryTake('^');
        TryTake(']');
        for (; _position < _pattern.Length; _position++)
        {
            switch (_pattern[_position])
            {
                case '\\':
                    _position++;
                    break;
                case ']':
                    _position++;
                    return true;
                case '[':
                    // Possibly a class that is subtracted.
                    return false;
                default:
                    break;
            }
        }

        return false;
    }

    private bool TryReadEscape(out char? literal)
    {
        literal = null;
        if (_position == _pattern.Length)
        {
            return false;
        }

        char c = _pattern[_position++];
        if (!char.IsAsciiLetterOrDigit(c))
        {
            literal = c;
            return true;
        }

        // Classes, anchors and control characters without operands.
        return c is 'd' or 'D' or 'w' or 'W' or 's' or 'S' or 'b' or 'B' or 'A' or 'z' or 'Z' or 't' or 'n' or 'r' or 'f' or 'v';
    }

    /// <summary>Reads a quantifier.</summary>
    /// <returns>How often the element before it occurs at least; null if there is no quantifier.</returns>
    private int? ReadQuantifier()
    {
        int? least = TryTake('?') || TryTake('*') ? 0
            : TryTake('+') ? 1
            : ReadCount();
        if (least is not null)
        {
            TryTake('?');
        }

        return least;
    }

    /// <summary>Reads <c>{n}</c>, <c>{n,}</c> or <c>{n,m}</c>. Any other brace is a literal.</summary>
    private int? ReadCount()
    {
        ReadOnlySpan<char> rest = _pattern.AsSpan(_position);
        int end = rest.StartsWith("{") ? rest.IndexOf('}') : -1;
        if (end < 2 || !char.IsAsciiDigit(rest[1]) || rest[1..end].ContainsAnyExcept(CountChars) || rest[1..end].Count(',') > 1)
        {
            return null;
        }

        _position += end + 1;
        return rest[1..end].TrimStart('0') is { Length: > 0 } number && number[0] != ',' ? 1 : 0;
    }

    private bool TryTake(char c)
    {
        if (_position == _pattern.Length || _pattern[_position] != c)
        {
            return false;
        }

        _position++;
        return true;
    }
}
