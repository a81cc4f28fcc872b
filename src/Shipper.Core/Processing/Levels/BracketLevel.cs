namespace Shipper.Processing.Levels;

/// <summary>Finds the level between brackets.</summary>
/// <remarks>
/// <list type="bullet">
/// <item>alone: <c>[info]</c>, <c>[ERROR]</c>, <c>[ warn]</c>, <c>[E]</c>, <c>[Note]</c></item>
/// <item>after a time: <c>[12:00:01 ERR]</c>, <c>[2026-01-02T15:04:05Z INFO  app]</c>, <c>[2026-01-02 15:04:05,000: INFO/MainProcess]</c></item>
/// <item>before something: <c>[INFO  tini (7)]</c>, <c>[W 12:00:01.000 ServerApp]</c></item>
/// <item>after a name: <c>[core:error]</c>, <c>[Server thread/INFO]</c></item>
/// </list>
/// </remarks>
internal static class BracketLevel
{
    private const int MaxTokens = 5;

    /// <summary>Returns the level between brackets.</summary>
    /// <param name="content">What is between the brackets.</param>
    /// <param name="hasTime">True if a time stands before.</param>
    /// <param name="isTime">True if there is a time between the brackets.</param>
    public static RecordLevel Find(ReadOnlySpan<byte> content, bool hasTime, out bool isTime)
    {
        isTime = false;
        if (AsciiByte.CountLetters(content) == content.Length && content.Length > 1)
        {
            LevelWord alone = LevelWord.Find(content);
            return alone.Level != RecordLevel.None && IsAlone(alone, content, hasTime) ? alone.Level : RecordLevel.None;
        }

        bool isNumber = false;
        while (!content.IsEmpty && content[^1] == ' ')
        {
            content = content[..^1];
        }

        int at = 0;
        for (int token = 0; token < MaxTokens; token++)
        {
            while (at < content.Length && content[at] is (byte)' ' or (byte)'\t' or (byte)':' or (byte)',' or (byte)'|')
            {
                at++;
            }

            if (at >= content.Length)
            {
                return RecordLevel.None;
            }

            if (AsciiByte.IsDigit(content[at]))
            {
                isNumber = true;
                isTime |= NumberToken.Read(content[at..], out int length) == NumberKind.Time;
                at += length;
                continue;
            }

            if (isTime && content[at] is (byte)'+' or (byte)'-')
            {
                // The offset from UTC.
                at = NumberToken.SkipDigits(content, at + 1);
                continue;
            }

            int end = at + AsciiByte.CountLetters(content[at..]);
            LevelWord word = LevelWord.Find(content[at..end]);
            if (word.Kind >= WordKind.Date && word.Code != 0)
            {
                isNumber = true;
                at = end;
                continue;
            }

            if (word.Level != RecordLevel.None && IsStated(word, content, at, end, isFirst: token == 0, isNumber, hasTime || isTime))
            {
                return word.Level;
            }

            if (token == 0 && IsLetterAlone(content, end - at))
            {
                return LevelWord.OfLetter(content[0]);
            }

            return token == 0 || isTime ? OfNamed(content, end) : RecordLevel.None;
        }

        return RecordLevel.None;
    }

    private static bool IsStated(LevelWord word, ReadOnlySpan<byte> content, int at, int end, bool isFirst, bool isNumber, bool hasTime)
    {
        bool isLast = end == content.Length;
        if (isLast && (isFirst || isNumber))
        {
            return IsAlone(word, content[at..], hasTime);
        }

        bool isUpper = AsciiByte.IsUpper(content[end - 1]);
        return !isLast && isUpper && word.Kind == WordKind.Level && (isFirst || isNumber)
            && content[end] is (byte)' ' or (byte)'/' or (byte)':' or (byte)'|' or (byte)',';
    }

    /// <summary>Returns true if a word that stands alone, or behind a time, is a level there.</summary>
    private static bool IsAlone(LevelWord word, ReadOnlySpan<byte> text, bool hasTime) => word.Kind switch
    {
        WordKind.Level or WordKind.BeforeColon => true,
        WordKind.Ordinary => AsciiByte.IsUpper(text[^1]) || hasTime || word.Level == RecordLevel.Critical,
        WordKind.Value => hasTime && text[0] is (byte)'N' or (byte)'S',
        _ => false,
    };

    /// <summary><c>[E]</c>, or as tornado writes it <c>[E 260102 15:04:05 web:1]</c>.</summary>
    private static bool IsLetterAlone(ReadOnlySpan<byte> content, int letters) =>
        letters == 1 && (content.Length == 1 || (content.Length > 2 && content[1] == ' ' && AsciiByte.IsDigit(content[2])));

    /// <summary>A level after the name of a module or a thread.</summary>
    private static RecordLevel OfNamed(ReadOnlySpan<byte> content, int end)
    {
        while (end < content.Length && (AsciiByte.IsLetter(content[end]) || AsciiByte.IsDigit(content[end]) || content[end] is (byte)'_' or (byte)'-'))
        {
            end++;
        }

        if (end > 0 && end < content.Length && content[end] == ':')
        {
            // Apache, and Erlang's ns_server: [ns_server:info,2026-01-02T15:04:05.123Z,…].
            ReadOnlySpan<byte> rest = content[(end + 1)..];
            int comma = rest.IndexOf((byte)',');
            LevelWord named = LevelWord.Find(comma < 0 ? rest : rest[..comma]);
            return named.Kind == WordKind.Level || (named.Level == RecordLevel.Critical && named.Kind == WordKind.Ordinary) ? named.Level : RecordLevel.None;
        }

        int slash = content.LastIndexOf((byte)'/');
        LevelWord last = LevelWord.Find(content[(slash + 1)..]);
        return slash > 0 && last.Kind == WordKind.Level && last.Level != RecordLevel.None && AsciiByte.IsUpper(content[^1]) ? last.Level : RecordLevel.None;
    }
}
