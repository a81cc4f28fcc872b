using Shipper.Processing.Fields;

namespace Shipper.Processing.Levels;

/// <summary>
/// Finds the level of a JSON object by its keys: by <c>level</c>, or else by the first one that states a level. Nested objects count only under <c>log</c> and
/// <c>syslog</c>. The object need not be complete: the search ends where it does.
/// </summary>
internal ref struct JsonLevel
{
    private JsonScanner _scanner;

    // Used if no other key states the level.
    private RecordLevel _fallback;
    private RecordLevel _mongo;
    private bool _hasMongoTimeOrId;
    private bool _hasMongoComponent;
    private bool _hasSerilogTime;

    // The key of the nested object that the scanner is in.
    private LevelKey _container;

    private JsonLevel(ReadOnlySpan<byte> text) => _scanner = new JsonScanner(text);

    /// <summary>Returns true if a text begins like a JSON object that has a member.</summary>
    public static bool IsObject(ReadOnlySpan<byte> text)
    {
        if (text.Length < 2 || text[0] != '{')
        {
            return false;
        }

        int at = 1;
        while (at < text.Length && AsciiByte.IsWhiteSpace(text[at]))
        {
            at++;
        }

        return at < text.Length && text[at] == '"';
    }

    /// <summary>Returns the level of a JSON object.</summary>
    public static RecordLevel Find(ReadOnlySpan<byte> text)
    {
        RecordLevel level = FindUsual(text);
        if (level != RecordLevel.None)
        {
            return level;
        }

        var search = new JsonLevel(text);
        level = search.Find();

        // Serilog's compact format leaves out the level Information.
        return level != RecordLevel.None ? level : search._fallback == RecordLevel.None && search._hasSerilogTime ? RecordLevel.Info : search._fallback;
    }

    /// <summary>
    /// Finds the key that most lines have, without a walk over the members: that takes a third of the time. A quote, the name, a quote and a colon are a key,
    /// because the quotes within a string are escaped. It is one of the outermost object if no other begins before it.
    /// </summary>
    private static RecordLevel FindUsual(ReadOnlySpan<byte> text)
    {
        int key = text.IndexOf("level\":"u8);
        if (key < 2 || text[key - 1] != '"' || text[key - 2] is not ((byte)',' or (byte)'{' or (byte)' ' or (byte)'\n')
            || text[1..key].Contains((byte)'{') || text.StartsWith("{\"@t\""u8))
        {
            return RecordLevel.None;
        }

        ReadOnlySpan<byte> value = text[(key + "level\":".Length)..].TrimStart((byte)' ');
        bool isText = value.StartsWith((byte)'"');
        value = isText ? value[1..] : value;
        int length = isText ? value.IndexOf((byte)'"') : value.IndexOfAny((byte)',', (byte)'}');
        return length < 0 ? RecordLevel.None : LevelValue.Read(value[..length], LevelKey.Level);
    }

    private RecordLevel Find()
    {
        while (_scanner.Read())
        {
            ReadOnlySpan<byte> name = _scanner.Key;
            if (_hasSerilogTime && !name.StartsWith((byte)'@'))
            {
                // Serilog writes its own keys first. The others are properties of the message.
                return RecordLevel.Info;
            }

            LevelKey key = LevelKeys.OfJson(name);
            if (key == LevelKey.None)
            {
                continue;
            }

            RecordLevel level = ReadMember(key);
            if (level != RecordLevel.None)
            {
                return level;
            }
        }

        return RecordLevel.None;
    }

    private RecordLevel ReadMember(LevelKey key)
    {
        bool isNested = _scanner.Depth > 1;
        if (_scanner.Kind == JsonKind.Object && !isNested && key is LevelKey.LogObject or LevelKey.SyslogObject)
        {
            _container = key;
            _scanner.Enter();
            return RecordLevel.None;
        }

        switch (key)
        {
            case LevelKey.Level:
                return ReadValue(key);

            case LevelKey.LogObject:
                return RecordLevel.None;

            case LevelKey.Word when isNested && _container == LevelKey.SyslogObject:
            case LevelKey.Syslog or LevelKey.SyslogObject:
                _fallback = _fallback == RecordLevel.None ? ReadValue(LevelKey.Syslog) : _fallback;
                return RecordLevel.None;

            case LevelKey.SerilogTime:
                _hasSerilogTime |= !isNested && _scanner.Kind == JsonKind.String;
                return RecordLevel.None;

            case LevelKey.Mongo or LevelKey.MongoComponent or LevelKey.MongoTimeOrId:
                return isNested ? RecordLevel.None : ReadMongo(key);

            default:
                return ReadValue(key);
        }
    }

    private readonly RecordLevel ReadValue(LevelKey key) =>
        _scanner.Kind is JsonKind.String or JsonKind.Number ? LevelValue.Read(_scanner.Value, key) : RecordLevel.None;

    /// <summary>The structured log of MongoDB: <c>{"t":{"$date":"…"},"s":"I","c":"NETWORK","id":22943,…}</c>.</summary>
    private RecordLevel ReadMongo(LevelKey key)
    {
        bool isText = _scanner.Kind == JsonKind.String;
        switch (key)
        {
            case LevelKey.Mongo:
                _mongo = isText && _scanner.Value.Length is 1 or 2 ? ReadValue(key) : RecordLevel.None;
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
}
