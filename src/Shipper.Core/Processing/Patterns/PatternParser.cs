using System.Globalization;
using System.Text.RegularExpressions;

namespace Shipper.Processing.Patterns;

/// <summary>Parses regexes that .NET accepts and can match without backtracking. It asks .NET what a class of characters means.</summary>
internal sealed class PatternParser
{
    private const int MaxDepth = 100;

    private readonly string _pattern;
    private readonly int _maxClasses;
    private readonly List<(char First, char Last)[]> _classes = [];
    private readonly Dictionary<(string Element, bool IgnoresCase, bool IsSingleLine), int> _classIds = [];
    private int _position;
    private int _depth;
    private bool _ignoresCase;
    private bool _isMultiline;
    private bool _isSingleLine;
    private bool _skipsBlanks;

    private PatternParser(string pattern, int maxClasses)
    {
        _pattern = pattern;
        _maxClasses = maxClasses;
    }

    private bool IsAtEnd => _position == _pattern.Length;

    /// <summary>Parses a regex.</summary>
    /// <param name="pattern">A regex that .NET accepts.</param>
    /// <param name="maxClasses">Maximum number of different classes of characters.</param>
    /// <returns>Null if the regex has more classes, is nested too deeply, or has a construct that is not known here.</returns>
    public static PatternSyntaxTree? Parse(string pattern, int maxClasses)
    {
        var parser = new PatternParser(pattern, maxClasses);
        return parser.ReadChoice() is { } root && parser.IsAtEnd ? new PatternSyntaxTree(root, parser._classes) : null;
    }

    /// <summary>Reads alternatives, up to the end of their group.</summary>
    private PatternNode? ReadChoice()
    {
        (bool, bool, bool, bool) options = (_ignoresCase, _isMultiline, _isSingleLine, _skipsBlanks);
        if (++_depth > MaxDepth)
        {
            return null;
        }

        var choices = new List<PatternNode>();
        do
        {
            if (ReadSequence() is not { } sequence)
            {
                return null;
            }

            choices.Add(sequence);
        }
        while (TryTake('|'));

        _depth--;
        (_ignoresCase, _isMultiline, _isSingleLine, _skipsBlanks) = options;
        return choices.Count == 1 ? choices[0] : new PatternNode.Choice([.. choices]);
    }

    private PatternNode.Sequence? ReadSequence()
    {
        var items = new List<PatternNode>();
        for (SkipBlanks(); !IsAtEnd && _pattern[_position] is not ('|' or ')'); SkipBlanks())
        {
            if (ReadItem() is not { } item)
            {
                return null;
            }

            SkipBlanks();
            items.Add(ReadQuantifier(item));
        }

        return new PatternNode.Sequence([.. items]);
    }

    private PatternNode? ReadItem()
    {
        int start = _position;
        switch (_pattern[_position++])
        {
            case '(':
                return ReadGroup();
            case '[':
                return ReadClass(start, PatternElement.EndOfClass(_pattern, _position));
            case '\\':
                return ReadEscape(start);
            case '^':
                return new PatternNode.Place(_isMultiline ? PlaceKind.LineStart : PlaceKind.TextStart);
            case '$':
                return new PatternNode.Place(_isMultiline ? PlaceKind.LineEnd : PlaceKind.LastLineEnd);
            default:
                return Class(_pattern[start] == '.' ? "." : Regex.Escape(_pattern[start].ToString()));
        }
    }

    private PatternNode? ReadGroup()
    {
        if (TryTake('?') && !TryTake(':'))
        {
            if (TryTake('<') || TryTake('\''))
            {
                int end = _pattern.AsSpan(_position).IndexOfAny('>', '\'');
                if (end <= 0 || _pattern.AsSpan(_position, end).ContainsAny('=', '!', '-'))
                {
                    return null;
                }

                _position += end + 1;
            }
            else
            {
                return ReadOptions();
            }
        }

        PatternNode? group = ReadChoice();
        return TryTake(')') ? group : null;
    }

    /// <summary>Reads <c>i-s)</c>, options for the rest of the group, or <c>i-s:</c>, options for a new group.</summary>
    private PatternNode? ReadOptions()
    {
        (bool, bool, bool, bool) outer = (_ignoresCase, _isMultiline, _isSingleLine, _skipsBlanks);
        bool isOn = true;
        while (!IsAtEnd)
        {
            switch (char.ToUpperInvariant(_pattern[_position++]))
            {
                case '-':
                    isOn = false;
                    break;
                case 'I':
                    _ignoresCase = isOn;
                    break;
                case 'M':
                    _isMultiline = isOn;
                    break;
                case 'S':
                    _isSingleLine = isOn;
                    break;
                case 'X':
                    _skipsBlanks = isOn;
                    break;
                case 'N' or '+':
                    break;
                case ')':
                    return PatternNode.Empty;
                case ':':
                    PatternNode? group = ReadChoice();
                    (_ignoresCase, _isMultiline, _isSingleLine, _skipsBlanks) = outer;
                    return TryTake(')') ? group : null;
                default:
                    return null;
            }
        }

        return null;
    }

    private PatternNode? ReadEscape(int start)
    {
        switch (_pattern[_position++])
        {
            case 'b':
                return new PatternNode.Place(PlaceKind.WordBoundary);
            case 'B':
                return new PatternNode.Place(PlaceKind.NoWordBoundary);
            case 'A':
                return new PatternNode.Place(PlaceKind.TextStart);
            case 'Z':
                return new PatternNode.Place(PlaceKind.LastLineEnd);
            case 'z':
                return new PatternNode.Place(PlaceKind.TextEnd);
            case 'G' or 'k':
                return null;
            default:
                return ReadClass(start, PatternElement.EndOfEscape(_pattern, _position));
        }
    }

    /// <summary>Reads an element that matches one unit.</summary>
    /// <param name="end">Where it ends; -1 if it has no end.</param>
    private PatternNode.Unit? ReadClass(int start, int end)
    {
        if (end < 0 || end > _pattern.Length)
        {
            return null;
        }

        _position = end;
        return Class(_pattern[start..end]);
    }

    private PatternNode ReadQuantifier(PatternNode item)
    {
        (int Least, int? Most)? counts = TryTake('?') ? (0, 1) : TryTake('*') ? (0, null) : TryTake('+') ? (1, null) : ReadCounts();
        return counts is { } read ? new PatternNode.Loop(item, read.Least, read.Most, TryTake('?')) : item;
    }

    /// <summary>Reads <c>{n}</c>, <c>{n,}</c> or <c>{n,m}</c>. Any other brace is an ordinary character.</summary>
    private (int Least, int? Most)? ReadCounts()
    {
        int end = IsAtEnd || _pattern[_position] != '{' ? -1 : _pattern.IndexOf('}', _position);
        if (end < 0)
        {
            return null;
        }

        string[] numbers = _pattern[(_position + 1)..end].Split(',');
        if (numbers.Length > 2 || !TryParse(numbers[0], out int least) || (numbers.Length == 2 && numbers[1].Length > 0 && !TryParse(numbers[1], out _)))
        {
            return null;
        }

        _position = end + 1;
        return (least, numbers.Length == 1 ? least : TryParse(numbers[1], out int most) ? most : null);

        static bool TryParse(string text, out int number) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);
    }

    /// <summary>Skips comments and, with the option x, blanks.</summary>
    private void SkipBlanks()
    {
        while (!IsAtEnd)
        {
            if (_skipsBlanks && _pattern[_position] is ' ' or '\t' or '\n' or '\r' or '\f' or '\v')
            {
                _position++;
            }
            else if ((_skipsBlanks && _pattern[_position] == '#') || _pattern.AsSpan(_position).StartsWith("(?#"))
            {
                int end = _pattern.IndexOf(_pattern[_position] == '#' ? '\n' : ')', _position);
                _position = end < 0 ? _pattern.Length : end + 1;
            }
            else
            {
                return;
            }
        }
    }

    private PatternNode.Unit? Class(string element)
    {
        (string Element, bool IgnoresCase, bool IsSingleLine) key = (element, _ignoresCase, _isSingleLine && element == ".");
        if (!_classIds.TryGetValue(key, out int id))
        {
            if (_classes.Count == _maxClasses)
            {
                return null;
            }

            id = _classes.Count;
            _classes.Add(CharClass.Find(element, key.IgnoresCase, key.IsSingleLine));
            _classIds.Add(key, id);
        }

        return new PatternNode.Unit(id);
    }

    private bool TryTake(char c)
    {
        if (IsAtEnd || _pattern[_position] != c)
        {
            return false;
        }

        _position++;
        return true;
    }
}
