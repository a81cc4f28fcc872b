namespace Shipper.Processing.Levels;

/// <summary>The brackets of <see cref="TextLevel"/>: levels, times, threads, files.</summary>
internal ref partial struct TextLevel
{
    private const int MaxBracketBytes = 80;
    private const int MaxBrackets = 6;

    /// <summary>Reads what is between the bracket here and its closing one, unless that is far away, or there were many brackets before.</summary>
    private bool TryReadBracket(byte closing, out ReadOnlySpan<byte> content)
    {
        int start = _at + 1;
        int limit = Math.Min(_text.Length, start + MaxBracketBytes);
        int end = ByteSearch.IndexOf(_text, start, limit, closing);
        content = end < 0 ? [] : _text[start..end];
        return IsPlainTo(end < 0 ? limit : end) && end >= 0 && ++_brackets <= MaxBrackets;
    }

    private bool TryPassBracket()
    {
        if (!TryReadBracket((byte)']', out ReadOnlySpan<byte> content))
        {
            return false;
        }

        _level = BracketLevel.Find(content, _hasTime, out bool isTime);
        if (_level != RecordLevel.None)
        {
            return false;
        }

        _at += content.Length + 2;
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

    /// <summary>Passes parentheses, such as those around a thread, or braces, such as those around a file in Airflow. A JSON object may begin here.</summary>
    private bool TryPassGroup(byte first)
    {
        bool canBeginMessage = _previous is PreviousToken.Start or PreviousToken.Time or PreviousToken.Bracket;
        if (first == '{' && canBeginMessage && JsonLevel.IsObject(_text[_at..]))
        {
            _level = JsonLevel.Find(_text[_at..]);
            return false;
        }

        if ((first == '{' && _previous == PreviousToken.Start) || !TryReadBracket(first == '{' ? (byte)'}' : (byte)')', out ReadOnlySpan<byte> content))
        {
            return false;
        }

        LevelWord word = LevelWord.Find(content);
        if (word.Level != RecordLevel.None && word.Kind == WordKind.Level && AsciiByte.IsUpper(content[^1]))
        {
            _level = word.Level;
            return false;
        }

        _isStrict |= !_hasTime;
        _previous = PreviousToken.Bracket;
        _at += content.Length + 2;
        return true;
    }

    /// <summary>Reads syslog's priority, <c>&lt;11&gt;</c>, or a level: <c>&lt;info&gt;</c>.</summary>
    private bool TryPassAngle()
    {
        if (!TryReadBracket((byte)'>', out ReadOnlySpan<byte> content) || content.IsEmpty)
        {
            return false;
        }

        if (_at == 0 && content.Length <= 3 && !content.ContainsAnyExceptInRange((byte)'0', (byte)'9'))
        {
            int priority = 0;
            foreach (byte digit in content)
            {
                priority = (priority * 10) + (digit - '0');
            }

            // 24 facilities with 8 severities each.
            _level = priority < 24 * 8 ? RecordLevels.FromSyslogPriority(priority & 7) : RecordLevel.None;
            return false;
        }

        LevelWord word = LevelWord.Find(content);
        if (word.Level != RecordLevel.None && word.Kind <= WordKind.Ordinary && IsBlankAt(_at + content.Length + 2))
        {
            _level = word.Level;
            return false;
        }

        _previous = PreviousToken.Bracket;
        _at += content.Length + 2;
        return _hasTime;
    }
}
