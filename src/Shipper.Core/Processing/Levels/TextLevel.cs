using System.Runtime.CompilerServices;
using Shipper.Processing.Ansi;

namespace Shipper.Processing.Levels;

/// <summary>
/// Finds the level in text. It passes the tokens that logging libraries write before a level (times, numbers, brackets, names of loggers, pairs of logfmt),
/// and ends at the first that is none of them: there begins the message.
/// </summary>
internal ref partial struct TextLevel
{
    /// <summary>Where a level can begin at most, except for one among pairs of logfmt.</summary>
    private const int MaxEnd = 240;

    /// <summary>How far colors are looked for first. Most searches end before, and most lines have no colors at all.</summary>
    private const int FirstPlainBytes = 64;

    /// <summary>How far colors are looked for. Nothing behind is looked at, except for values of logfmt.</summary>
    private const int MaxPlainBytes = MaxEnd + 16;

    /// <summary>A level, and what shows that it is one, takes at most this many bytes.</summary>
    private const int MaxLevelBytes = 24;

    /// <summary>Where a level can begin, counted from the beginning of the line or from the end of its time.</summary>
    private const int MaxBytes = 120;

    /// <summary>Where a level can begin behind pairs of logfmt.</summary>
    private const int MaxBytesBehindPairs = 40;

    private readonly ReadOnlySpan<byte> _text;

    // Up to here there are no colors.
    private int _plainEnd;
    private bool _isColored;
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

    private TextLevel(ReadOnlySpan<byte> text, int plainEnd)
    {
        _text = text;
        _plainEnd = plainEnd;
        _limit = Math.Min(text.Length, MaxBytes);
    }

    /// <summary>Finds the level of a text.</summary>
    /// <param name="text">The text.</param>
    /// <param name="lines">Number of lines that were joined to it.</param>
    /// <param name="isPlain">True if the text is known to have no colors.</param>
    /// <param name="level">The level; None if the text states none.</param>
    /// <returns>False if the text has colors, which have to be removed first.</returns>
    public static bool TryFind(ReadOnlySpan<byte> text, int lines, bool isPlain, out RecordLevel level)
    {
        level = RecordLevel.None;
        int plainEnd = isPlain ? int.MaxValue : Math.Min(text.Length, FirstPlainBytes);
        if (!isPlain && ByteSearch.IndexOf(text, 0, plainEnd, AnsiText.Escape) >= 0)
        {
            return false;
        }

        var search = new TextLevel(text, plainEnd);
        search.Scan();
        if (search._isColored)
        {
            return false;
        }

        level = search._level != RecordLevel.None ? search._level : search._fallback;
        if (level != RecordLevel.None)
        {
            return true;
        }

        if (lines > 1 && !isPlain && text[..Math.Min(text.Length, LevelDetector.MaxColoredBytes)].Contains(AnsiText.Escape))
        {
            // Any line of a trace may have colors.
            return false;
        }

        level = TraceLevel.Find(text, search._at, lines, search._hasTime);
        return true;
    }

    private void Scan()
    {
        SkipBlanks();
        if (_at > 1 && _at < _text.Length && AsciiByte.IsLetter(_text[_at]))
        {
            // An indented word continues something: a compiler's message, a stack trace, .NET's console.
            return;
        }

        while (_at < _limit && IsPlainTo(_at + MaxLevelBytes) && TryPassToken(_text[_at]))
        {
            SkipBlanks();
        }
    }

    /// <summary>Returns true if there are no colors up to a position. If there are, the search has to end.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool IsPlainTo(int end) => end <= _plainEnd || IsPlainToTheEnd();

    private bool IsPlainToTheEnd()
    {
        int end = Math.Min(_text.Length, MaxPlainBytes);
        _isColored = _plainEnd < end && _text[_plainEnd..end].Contains(AnsiText.Escape);
        _plainEnd = int.MaxValue;
        return !_isColored;
    }

    /// <summary>Moves behind a token.</summary>
    /// <returns>False if the search is over: the token states the level, or the message begins.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool TryPassToken(byte first)
    {
        if (AsciiByte.IsDigit(first))
        {
            return TryPassNumber();
        }

        if (AsciiByte.IsLetter(first))
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

    private bool TryPassSymbol(byte symbol)
    {
        bool isRedis = _isRedis && _previous == PreviousToken.Time && IsBlankAt(_at + 1);
        if (isRedis && symbol is (byte)'.' or (byte)'-' or (byte)'*' or (byte)'#')
        {
            // Redis writes debug, verbose, notice and warning as these characters (src/server.c, serverLogRaw).
            _level = symbol switch { (byte)'#' => RecordLevel.Warn, (byte)'*' => RecordLevel.Info, _ => RecordLevel.Debug };
            return false;
        }

        switch (symbol)
        {
            case (byte)'+' or (byte)'-' when _previous == PreviousToken.Time && _at + 1 < _text.Length && AsciiByte.IsDigit(_text[_at + 1]):
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

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void SkipBlanks()
    {
        ReadOnlySpan<byte> text = _text;
        int at = _at;
        while ((uint)at < (uint)text.Length && AsciiByte.IsBlank(text[at]))
        {
            at++;
        }

        _at = at;
    }

    /// <summary>Returns true if a blank or the end of a line is at a position.</summary>
    private readonly bool IsBlankAt(int at) => at >= _text.Length || AsciiByte.IsWhiteSpace(_text[at]);
}
