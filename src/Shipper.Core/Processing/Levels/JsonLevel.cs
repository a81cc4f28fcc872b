using System.Buffers;

namespace Shipper.Processing.Levels;

/// <summary>
/// Finds the level of a JSON object by its keys, up to the first that states one. Nested objects count only under <c>log</c> and <c>syslog</c>. The object need
/// not be valid or complete: the search ends where it is not.
/// </summary>
internal ref struct JsonLevel
{
    private static readonly SearchValues<byte> Nesting = SearchValues.Create("\"{}[]"u8);

    private readonly ReadOnlySpan<byte> _text;
    private int _at;

    // Used if no other key states the level.
    private RecordLevel _fallback;
    private RecordLevel _mongo;
    private bool _hasMongoTimeOrId;
    private bool _hasMongoComponent;
    private bool _hasSerilogTime;

    private JsonLevel(ReadOnlySpan<byte> text) => _text = text;

    /// <summary>Returns true if a text begins like a JSON object.</summary>
    public static bool IsObject(ReadOnlySpan<byte> text)
    {
        if (text.Length < 2 || text[0] != '{')
        {
            return false;
        }

        int at = 1;
        while (at < text.Length && IsBlank(text[at]))
        {
            at++;
        }

        return at < text.Length && text[at] == '"';
    }

    /// <summary>Returns the level of a JSON object.</summary>
    /// <param name="text">A text for which <see cref="IsObject"/> is true.</param>
    public static RecordLevel Find(ReadOnlySpan<byte> text)
    {
        var search = new JsonLevel(text);
        RecordLevel level = search.Scan(LevelKey.None);
        return level != RecordLevel.None ? level : search.Fallback();
    }

    private readonly RecordLevel Fallback()
    {
        if (_fallback != RecordLevel.None)
        {
            return _fallback;
        }

        // Serilog's compact format leaves out the level Information.
        return _hasSerilogTime ? RecordLevel.Info : RecordLevel.None;
    }

    /// <summary>Searches the object that begins here, and continues behind it.</summary>
    /// <param name="container">The key of the object.</param>
    private RecordLevel Scan(LevelKey container)
    {
        _at++;
        while (true)
        {
            SkipBlanks();
            if (!TryReadString(out ReadOnlySpan<byte> name))
            {
                return RecordLevel.None;
            }

            SkipBlanks();
            if (_at >= _text.Length || _text[_at] != ':')
            {
                return RecordLevel.None;
            }

            _at++;
            SkipBlanks();
            LevelKey key = LevelKeys.OfJson(name);
            if (_hasSerilogTime && (name.IsEmpty || name[0] != '@'))
            {
                // Serilog writes its own keys first. The others are properties of the message.
                return RecordLevel.Info;
            }

            RecordLevel level = key == LevelKey.None ? SkipValue() : ReadValue(key, container);
            if (level != RecordLevel.None)
            {
                return level;
            }

            SkipBlanks();
            if (_at >= _text.Length || _text[_at] != ',')
            {
                _at++;
                return RecordLevel.None;
            }

            _at++;
        }
    }

    private RecordLevel ReadValue(LevelKey key, LevelKey container)
    {
        if (_at >= _text.Length)
        {
            return RecordLevel.None;
        }

        if (_text[_at] == '{' && container == LevelKey.None && key is LevelKey.LogObject or LevelKey.SyslogObject)
        {
            return Scan(key);
        }

        int start = _at;
        _ = SkipValue();
        ReadOnlySpan<byte> value = _text[start..Math.Min(_at, _text.Length)];
        bool isText = value.Length >= 2 && value[0] == '"';
        if (isText)
        {
            value = value[1..^1];
        }

        switch (key)
        {
            case LevelKey.LogObject:
                return RecordLevel.None;

            case LevelKey.Word or LevelKey.Syslog when container == LevelKey.SyslogObject:
                // The number of a severity of syslog may have this short name only inside of "syslog".
                Remember(LevelValue.Read(value, LevelKey.Syslog));
                return RecordLevel.None;

            case LevelKey.Syslog or LevelKey.SyslogObject:
                Remember(LevelValue.Read(value, LevelKey.Syslog));
                return RecordLevel.None;

            case LevelKey.SerilogTime:
                _hasSerilogTime = isText && container == LevelKey.None;
                return RecordLevel.None;

            case LevelKey.Mongo or LevelKey.MongoComponent or LevelKey.MongoTimeOrId:
                return container == LevelKey.None ? ReadMongo(key, value, isText) : RecordLevel.None;

            default:
                return LevelValue.Read(value, key);
        }
    }

    /// <summary>The structured log of MongoDB: <c>{"t":{"$date":"…"},"s":"I","c":"NETWORK","id":22943,…}</c>.</summary>
    private RecordLevel ReadMongo(LevelKey key, ReadOnlySpan<byte> value, bool isText)
    {
        switch (key)
        {
            case LevelKey.Mongo:
                _mongo = isText && value.Length is 1 or 2 ? LevelValue.Read(value, LevelKey.Mongo) : RecordLevel.None;
                break;
            case LevelKey.MongoComponent:
                _hasMongoComponent = isText;
                break;
            default:
                _hasMongoTimeOrId = true;
                break;
        }

        return _hasMongoComponent && _hasMongoTimeOrId ? _mongo : RecordLevel.None;
    }

    private void Remember(RecordLevel level)
    {
        if (_fallback == RecordLevel.None)
        {
            _fallback = level;
        }
    }

    private bool TryReadString(out ReadOnlySpan<byte> content)
    {
        content = default;
        if (_at >= _text.Length || _text[_at] != '"')
        {
            return false;
        }

        int start = _at + 1;
        SkipString();
        content = _text[start..Math.Max(start, Math.Min(_at, _text.Length) - 1)];
        return true;
    }

    /// <summary>Moves behind the string that begins here, or to the end of the text.</summary>
    private void SkipString()
    {
        _at++;
        while (_at < _text.Length)
        {
            int next = _text[_at..].IndexOfAny((byte)'"', (byte)'\\');
            if (next < 0)
            {
                break;
            }

            _at += next;
            if (_text[_at] == '"')
            {
                _at++;
                return;
            }

            _at += 2;
        }

        _at = _text.Length;
    }

    /// <summary>Moves behind the value that begins here.</summary>
    /// <returns>None.</returns>
    private RecordLevel SkipValue()
    {
        if (_at >= _text.Length)
        {
            return RecordLevel.None;
        }

        switch (_text[_at])
        {
            case (byte)'"':
                SkipString();
                break;
            case (byte)'{' or (byte)'[':
                SkipNested();
                break;
            default:
                while (_at < _text.Length && _text[_at] is not ((byte)',' or (byte)'}' or (byte)']'))
                {
                    _at++;
                }

                break;
        }

        return RecordLevel.None;
    }

    private void SkipNested()
    {
        int depth = 0;
        while (_at < _text.Length)
        {
            int next = _text[_at..].IndexOfAny(Nesting);
            if (next < 0)
            {
                break;
            }

            _at += next;
            switch (_text[_at])
            {
                case (byte)'"':
                    SkipString();
                    continue;
                case (byte)'{' or (byte)'[':
                    depth++;
                    break;
                default:
                    depth--;
                    break;
            }

            _at++;
            if (depth == 0)
            {
                return;
            }
        }

        _at = _text.Length;
    }

    private void SkipBlanks()
    {
        while (_at < _text.Length && IsBlank(_text[_at]))
        {
            _at++;
        }
    }

    private static bool IsBlank(byte b) => b is (byte)' ' or (byte)'\n' or (byte)'\r' or (byte)'\t';
}
