using System.Runtime.CompilerServices;

namespace Shipper.Processing.Levels;

/// <summary>The words of <see cref="TextLevel"/>: levels, parts of a date, keys, names.</summary>
internal ref partial struct TextLevel
{
    /// <summary>Longer tokens are no names.</summary>
    private const int MaxNameBytes = 100;

    private const int MaxNames = 3;

    private bool TryPassWord()
    {
        int start = _at;
        int end = start + AsciiByte.CountLetters(_text[start..]);
        if (end < _text.Length && _text[end] == '=')
        {
            return TryPassPairs();
        }

        if (IsSentence(start, end))
        {
            return false;
        }

        LevelWord word = LevelWord.Find(_text[start..end]);
        if (word.Code != 0)
        {
            if (word.Level != RecordLevel.None && IsStated(word, start, end))
            {
                _level = word.Level;
                return false;
            }

            if (IsDatePart(word, start, end))
            {
                _at = end;
                return true;
            }
        }

        if (LogfmtLevel.TryReadKey(_text, start, out int keyLength))
        {
            return TryPassPairs();
        }

        // A key can contain more than the first word.
        return TryPassOther(start, start + keyLength);
    }

    /// <summary>
    /// Returns true if a word in lower case begins a message, which is the case of most lines without a level: another word in lower case comes next.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private readonly bool IsSentence(int start, int end)
    {
        // Shorter are npm and PHP, and "Fatal error:" states a level. Falco's "15:04:05.123456789: Warning …" does too.
        return end + 1 < _text.Length && end - start > 3 && _text[end] == ' ' && AsciiByte.IsLower(_text[end - 1]) && AsciiByte.IsLower(_text[end + 1])
            && (_previous == PreviousToken.Start || (_previous == PreviousToken.Time && !_isSyslog && _text[start - 2] != ':'))
            && (_text[start] | AsciiByte.CaseBit) != 'f';
    }

    private bool TryPassPairs()
    {
        _level = LogfmtLevel.Find(_text, ref _at, ref _fallback);
        if (_level != RecordLevel.None || !IsPlainTo(_at + MaxLevelBytes))
        {
            return false;
        }

        _limit = Math.Min(_text.Length, Math.Max(_limit, Math.Min(_at + MaxBytesBehindPairs, MaxEnd)));
        _isStrict = true;
        _previous = PreviousToken.Pair;
        return true;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private readonly bool IsStated(LevelWord word, int start, int end)
    {
        byte next = end < _text.Length ? _text[end] : (byte)'\n';
        return AsciiByte.IsUpper(_text[end - 1]) ? IsStatedInUpperCase(word.Kind, end, next) : IsStatedInLowerCase(word, start, end, next);
    }

    private readonly bool IsStatedInUpperCase(WordKind kind, int end, byte next)
    {
        switch (next)
        {
            case (byte)':':
                return kind <= WordKind.Ordinary || (kind == WordKind.Postgres && _text[end..].StartsWith(":  "u8));

            case (byte)' ' or (byte)'\t' or (byte)'\n' or (byte)'\r' or (byte)'|':
                return kind switch
                {
                    WordKind.Level => !_isStrict || IsSeparatorBehind(end),
                    WordKind.Ordinary => _previous == PreviousToken.Time
                        || (_hasTime && (IsNumberBefore() || (_previous == PreviousToken.Separator && IsSeparatorBehind(end)))),
                    _ => false,
                };

            case (byte)',' or (byte)';':
                return kind == WordKind.Level && _hasTime && !_isStrict;

            case (byte)'[':
                // logrus on a terminal: INFO[0012].
                return kind == WordKind.Level && _previous is PreviousToken.Start or PreviousToken.Time
                    && end + 1 < _text.Length && AsciiByte.IsDigit(_text[end + 1]);

            case >= (byte)'1' and <= (byte)'5':
                // PostgreSQL: DEBUG1 to DEBUG5.
                return kind == WordKind.Level && end + 1 < _text.Length && _text[end + 1] == ':';

            default:
                return false;
        }
    }

    private readonly bool IsStatedInLowerCase(LevelWord word, int start, int end, byte next)
    {
        switch (next)
        {
            case (byte)':':
                // Words of three letters are names of variables rather than levels: "err: …".
                return (word.Kind == WordKind.BeforeColon || (word.Kind == WordKind.Level && end - start > 3))
                    && IsBlankAt(end + 1) && !(_isStrict && _previous == PreviousToken.Number);

            case (byte)'\t':
                // zap's console: 2026-01-02T15:04:05.123Z, tab, info, tab.
                return word.Kind == WordKind.Level && (_previous == PreviousToken.Time || _text[Math.Max(0, start - 1)] == '\t');

            case (byte)' ' or (byte)'|':
                if (word.Kind != WordKind.Level)
                {
                    return false;
                }

                if (_previous == PreviousToken.Separator && IsSeparatorBehind(end))
                {
                    return true;
                }

                // Falco's "15:04:05.123456789: Notice …", Ceph's "debug 2026-01-02T…", "Fatal error: …".
                return (_previous == PreviousToken.Time && AsciiByte.IsUpper(_text[start]) && start > 1 && _text[start - 2] == ':')
                    || (_previous == PreviousToken.Start && IsIsoDateAt(end + 1))
                    || (word.Level == RecordLevel.Fatal && _text[end..].StartsWith(" error:"u8));

            default:
                return false;
        }
    }

    /// <summary>Returns true if the level is separated from what comes next: <c>INFO - </c>, <c>INFO | </c>, <c>INFO : </c>.</summary>
    private readonly bool IsSeparatorBehind(int at)
    {
        while (at < _text.Length && AsciiByte.IsBlank(_text[at]))
        {
            at++;
        }

        return at < _text.Length && _text[at] is (byte)'-' or (byte)'|' or (byte)':';
    }

    /// <summary>Returns true if a number in brackets is before this token: <c>[123] LOG</c>.</summary>
    private readonly bool IsNumberBefore() =>
        _previous == PreviousToken.Bracket && _at > 2 && _text[_at - 2] == ']' && AsciiByte.IsDigit(_text[_at - 3]);

    private readonly bool IsIsoDateAt(int at) =>
        at + 4 < _text.Length && AsciiByte.IsDigit(_text[at]) && AsciiByte.IsDigit(_text[at + 3]) && _text[at + 4] == '-';

    private bool IsDatePart(LevelWord word, int start, int end)
    {
        bool isEnd = IsBlankAt(end) || _text[end] is (byte)',' or (byte)']' or (byte)'|' or (byte)':';
        switch (word.Kind)
        {
            case WordKind.Zone when isEnd && _previous == PreviousToken.Time && AsciiByte.IsUpper(_text[end - 1]):
                return true;

            case WordKind.Date when isEnd && AsciiByte.IsUpper(_text[start]) && !AsciiByte.IsUpper(_text[end - 1]):
                _previous = PreviousToken.Date;
                return true;

            default:
                return false;
        }
    }

    /// <summary>Passes a name of a logger, or reads the formats that have a level in or behind their first word.</summary>
    /// <param name="end">A position in the word, behind which it has to be read.</param>
    private bool TryPassOther(int start, int end)
    {
        while (!IsBlankAt(end) && end - start < MaxNameBytes)
        {
            end++;
        }

        if (!IsPlainTo(end))
        {
            return false;
        }

        ReadOnlySpan<byte> token = _text[start..end];
        ReadOnlySpan<byte> rest = _text[end..];
        _level = WordFormats.Find(token, rest, isStart: _previous == PreviousToken.Start, isTime: _previous == PreviousToken.Time, _hasTime);
        if (_level != RecordLevel.None || ++_names > MaxNames || !IsName(token, rest))
        {
            return false;
        }

        _at = end;
        _previous = PreviousToken.Name;
        return true;
    }

    private bool IsName(ReadOnlySpan<byte> token, ReadOnlySpan<byte> rest)
    {
        int blanks = 0;
        while (blanks < rest.Length && AsciiByte.IsBlank(rest[blanks]))
        {
            blanks++;
        }

        ReadOnlySpan<byte> next = rest[blanks..];
        if (token[^1] == ':')
        {
            // "nginx: [emerg] …", "2026/01/02 15:04:05 main.go:20: ERROR …".
            bool isPlace = token.Length > 1 && AsciiByte.IsDigit(token[^2]);
            _isStrict |= !_hasTime || !isPlace;
            return _hasTime || (!next.IsEmpty && next[0] == '[');
        }

        if (next.Length > 1 && next[0] is (byte)'-' or (byte)'|' && next[1] is (byte)' ' or (byte)'-')
        {
            // "name - ERROR - …".
            _isStrict = true;
            return true;
        }

        if (!_hasTime)
        {
            return false;
        }

        if (_isSyslog && _names == 1)
        {
            // The host of "Jan  2 15:04:05 host app[7]: …".
            return true;
        }

        // "2026-01-02 15:04:05 http-nio-8080-exec-1 ERROR …", but not the first word of a sentence.
        return token[..^1].IndexOfAnyExcept(WordFormats.Letters) >= 0 || token.SequenceEqual("main"u8) || token.SequenceEqual("root"u8);
    }
}
