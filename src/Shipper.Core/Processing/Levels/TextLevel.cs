namespace Shipper.Processing.Levels;

/// <summary>
/// Finds the level in text. It passes the tokens that logging libraries write before a level (times, numbers, brackets, names of loggers, pairs of logfmt),
/// and ends at the first that is none of them: there begins the message.
/// </summary>
internal ref partial struct TextLevel
{
    /// <summary>Where a level can begin at most. Pairs of logfmt can be further behind.</summary>
    public const int MaxEnd = 240;

    /// <summary>Where a level can begin, counted from the beginning of the line or from the end of its time.</summary>
    private const int MaxBytes = 120;

    /// <summary>Where a level can begin behind pairs of logfmt.</summary>
    private const int MaxBytesBehindPairs = 40;

    private const int MaxBracketBytes = 80;
    private const int MaxBrackets = 6;

    private readonly ReadOnlySpan<byte> _text;
    private int _at;
    private int _limit;
    private RecordLevel _level;
    private RecordLevel _fallback;
    private PreviousToken _previous;
    private bool _hasTime;

    // True if the tokens so far can also begin a message. Then only a level with a colon or a separator behind it counts.
    private bool _isStrict;
    private bool _isSyslog;
    private bool _isRedis;
    private int _brackets;
    private int _names;

    private TextLevel(ReadOnlySpan<byte> text)
    {
        _text = text;
        _limit = Math.Min(text.Length, MaxBytes);
    }

    /// <summary>Returns the level of a text without colors.</summary>
    /// <param name="text">The text.</param>
    /// <param name="lines">Number of lines that were joined to it.</param>
    public static RecordLevel Find(ReadOnlySpan<byte> text, int lines)
    {
        var search = new TextLevel(text);
        search.Scan();
        RecordLevel level = search._level != RecordLevel.None ? search._level : search._fallback;
        return level != RecordLevel.None ? level : TraceLevel.Find(text, search._at, lines, search._hasTime);
    }

    private void Scan()
    {
        SkipBlanks();
        if (_at > 1 && _at < _text.Length && IsLetter(_text[_at]))
        {
            // An indented word continues something: a compiler's message, a stack trace, .NET's console.
            return;
        }

        while (_at < _limit && TryPassToken(_text[_at]))
        {
            SkipBlanks();
        }
    }

    /// <summary>Moves behind a token.</summary>
    /// <returns>False if the search is over: the token states the level, or the message begins.</returns>
    private bool TryPassToken(byte first)
    {
        if (IsDigit(first))
        {
            return TryPassNumber();
        }

        if (IsLetter(first))
        {
            return TryPassWord();
        }

        return first switch
        {
            (byte)'[' => TryPassBracket(),
            (byte)'(' or (byte)'{' => TryPassGroup(first),
            (byte)'<' => TryPassAngle(),
            _ => TryPassSymbol(first),
        };
    }

    private bool TryPassNumber()
    {
        NumberKind kind = NumberToken.Read(_text[_at..], out int length);
        if (kind == NumberKind.Other)
        {
            return false;
        }

        _at += length;
        if (kind == NumberKind.Time)
        {
            PassTime();
            return true;
        }

        _isRedis |= kind == NumberKind.RedisRole;
        _isStrict |= !_hasTime;
        _previous = PreviousToken.Number;
        return true;
    }

    private void PassTime()
    {
        if (!_hasTime)
        {
            _hasTime = true;
            _limit = Math.Min(_text.Length, Math.Min(_at + MaxBytes, MaxEnd));
        }

        _isStrict = false;
        _isSyslog = _previous is PreviousToken.Date or PreviousToken.Number;
        _previous = PreviousToken.Time;
    }

    private bool TryPassBracket()
    {
        ReadOnlySpan<byte> content = _text[(_at + 1)..Math.Min(_text.Length, _at + 1 + MaxBracketBytes)];
        int length = content.IndexOf((byte)']');
        if (length < 0 || ++_brackets > MaxBrackets)
        {
            return false;
        }

        _level = BracketLevel.Find(content[..length], _hasTime, out bool isTime);
        if (_level != RecordLevel.None)
        {
            return false;
        }

        _at += length + 2;
        if (isTime)
        {
            PassTime();
            return true;
        }

        // A number and a thread, as log4j writes them: "0    [main] WARN  …".
        _isStrict &= _previous != PreviousToken.Number;
        _previous = PreviousToken.Bracket;
        return true;
    }

    /// <summary>Passes parentheses, such as a thread's name, or braces, such as a file's name in Airflow; in them is a level, or a JSON object begins here.</summary>
    private bool TryPassGroup(byte first)
    {
        if (first == '{' && _previous is PreviousToken.Start or PreviousToken.Time or PreviousToken.Bracket && JsonLevel.IsObject(_text[_at..]))
        {
            _level = JsonLevel.Find(_text[_at..]);
            return false;
        }

        ReadOnlySpan<byte> content = _text[(_at + 1)..Math.Min(_text.Length, _at + 1 + MaxBracketBytes)];
        int length = content.IndexOf(first == '{' ? (byte)'}' : (byte)')');
        if (length < 0 || ++_brackets > MaxBrackets || (_previous == PreviousToken.Start && first == '{'))
        {
            return false;
        }

        LevelWord word = LevelWord.Find(content[..length]);
        if (word.Level != RecordLevel.None && word.Kind == WordKind.Level && IsUpper(content[length - 1]))
        {
            _level = word.Level;
            return false;
        }

        _isStrict |= !_hasTime;
        _previous = PreviousToken.Bracket;
        _at += length + 2;
        return true;
    }

    /// <summary>Reads syslog's priority, <c>&lt;11&gt;</c>, or a level: <c>&lt;info&gt;</c>.</summary>
    private bool TryPassAngle()
    {
        ReadOnlySpan<byte> content = _text[(_at + 1)..Math.Min(_text.Length, _at + 1 + MaxBracketBytes)];
        int length = content.IndexOf((byte)'>');
        if (length <= 0)
        {
            return false;
        }

        if (_at == 0 && length <= 3 && !content[..length].ContainsAnyExceptInRange((byte)'0', (byte)'9'))
        {
            int priority = 0;
            foreach (byte digit in content[..length])
            {
                priority = (priority * 10) + (digit - '0');
            }

            // 24 facilities with 8 severities each.
            _level = priority < 24 * 8 ? RecordLevels.FromSyslogPriority(priority & 7) : RecordLevel.None;
            return false;
        }

        LevelWord word = LevelWord.Find(content[..length]);
        if (word.Level != RecordLevel.None && word.Kind <= WordKind.Ordinary && IsBlankAt(_at + length + 2))
        {
            _level = word.Level;
            return false;
        }

        _previous = PreviousToken.Bracket;
        _at += length + 2;
        return _hasTime && ++_brackets <= MaxBrackets;
    }

    private bool TryPassSymbol(byte symbol)
    {
        if (_isRedis && _previous == PreviousToken.Time && symbol is (byte)'.' or (byte)'-' or (byte)'*' or (byte)'#' && IsBlankAt(_at + 1))
        {
            // Redis writes debug, verbose, notice and warning as these characters (src/server.c, serverLogRaw).
            _level = symbol switch { (byte)'#' => RecordLevel.Warn, (byte)'*' => RecordLevel.Info, _ => RecordLevel.Debug };
            return false;
        }

        switch (symbol)
        {
            case (byte)'+' or (byte)'-' when _previous == PreviousToken.Time && _at + 1 < _text.Length && IsDigit(_text[_at + 1]):
                // The offset of a time.
                _at++;
                return TryPassNumber();

            case (byte)'-' or (byte)'|' when _previous != PreviousToken.Start:
                _at++;
                while (_at < _text.Length && _text[_at] == '-')
                {
                    _at++;
                }

                _previous = PreviousToken.Separator;
                return symbol == '|' || IsBlankAt(_at);

            case (byte)':' or (byte)',' when _previous != PreviousToken.Start:
                _at++;
                return true;

            case (byte)'=' when _previous == PreviousToken.Start:
                PassErlangReport();
                return false;

            default:
                return false;
        }
    }

    /// <summary><c>=ERROR REPORT==== 2-Jan-2026::15:04:05.123456 ===</c></summary>
    private void PassErlangReport()
    {
        ReadOnlySpan<byte> title = _text[(_at + 1)..];
        int length = title.IndexOf((byte)' ');
        if (length > 0 && title[length..].StartsWith(" REPORT===="u8))
        {
            _level = title.StartsWith("CRASH "u8) ? RecordLevel.Error : LevelWord.Find(title[..length]).Level;
        }
    }

    private void SkipBlanks()
    {
        while (_at < _text.Length && _text[_at] is (byte)' ' or (byte)'\t')
        {
            _at++;
        }
    }

    /// <summary>Returns true if a blank or the end of a line is at a position.</summary>
    private readonly bool IsBlankAt(int at) => at >= _text.Length || _text[at] is (byte)' ' or (byte)'\t' or (byte)'\n' or (byte)'\r';

    private static bool IsDigit(byte b) => (uint)(b - '0') <= 9;

    private static bool IsLetter(byte b) => (uint)((b | 0x20) - 'a') < 26;

    private static bool IsUpper(byte letter) => (letter & 0x20) == 0;
}
