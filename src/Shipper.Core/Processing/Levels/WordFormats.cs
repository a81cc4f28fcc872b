using System.Buffers;

namespace Shipper.Processing.Levels;

/// <summary>Formats that have a level in or behind a word that is no level itself.</summary>
internal static class WordFormats
{
    /// <summary>ASCII letters, and the characters that a word of a sentence can have.</summary>
    public static readonly SearchValues<byte> Letters = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'\",;!?"u8);

    /// <summary>Returns the level of such a format.</summary>
    /// <param name="token">The word, up to a blank.</param>
    /// <param name="rest">The text behind it.</param>
    /// <param name="isStart">True if the line begins with the word.</param>
    /// <param name="isTime">True if a time stands directly before it.</param>
    /// <param name="hasTime">True if a time stands before it.</param>
    public static RecordLevel Find(ReadOnlySpan<byte> token, ReadOnlySpan<byte> rest, bool isStart, bool isTime, bool hasTime)
    {
        if (isTime && token.Length <= 2)
        {
            return OfLetter(token, rest);
        }

        if (hasTime && token[^1] == ':')
        {
            return OfChannel(token[..^1]);
        }

        if (hasTime && LetterHeader.TryFind(token.Length > 4 ? rest : [], out RecordLevel level))
        {
            return level;
        }

        if ((isStart || isTime) && token.SequenceEqual("PHP"u8))
        {
            return OfPhp(rest);
        }

        return isStart && token.SequenceEqual("npm"u8) && rest.Length > 1 ? LevelWord.Find(FirstWord(rest[1..])).Level : RecordLevel.None;
    }

    /// <summary>
    /// A letter after the time: MongoDB up to 4.2 (<c>I NETWORK  [conn1] …</c>), etcd and Rook (<c>I | …</c>), Telegraf (<c>I! …</c>).
    /// </summary>
    private static RecordLevel OfLetter(ReadOnlySpan<byte> token, ReadOnlySpan<byte> rest)
    {
        if (token.Length == 2)
        {
            return token[1] == '!' ? LevelWord.OfLetter(token[0]) : RecordLevel.None;
        }

        ReadOnlySpan<byte> component = FirstWord(rest[Math.Min(1, rest.Length)..]);
        bool isMongo = (component.Length >= 3 || rest.StartsWith(" - "u8)) && !component.ContainsAnyInRange((byte)'a', (byte)'z')
            && rest[(1 + Math.Max(1, component.Length))..].TrimStart((byte)' ').StartsWith((byte)'[');
        return isMongo || rest.StartsWith(" | "u8) ? LevelWord.OfLetter(token[0]) : RecordLevel.None;
    }

    /// <summary>monolog and Laravel: <c>[2026-01-02 15:04:05] production.ERROR: …</c></summary>
    private static RecordLevel OfChannel(ReadOnlySpan<byte> token)
    {
        int dot = token.LastIndexOf((byte)'.');
        LevelWord word = LevelWord.Find(token[(dot + 1)..]);
        return dot > 0 && word.Kind is WordKind.Level or WordKind.Ordinary && AsciiByte.IsUpper(token[^1]) ? word.Level : RecordLevel.None;
    }

    /// <summary><c>PHP Warning:  …</c>, <c>PHP Fatal error:  …</c>, <c>PHP Parse error:  …</c>, <c>PHP Deprecated:  …</c></summary>
    private static RecordLevel OfPhp(ReadOnlySpan<byte> rest)
    {
        ReadOnlySpan<byte> kind = rest[Math.Min(1, rest.Length)..];
        ReadOnlySpan<byte> word = FirstWord(kind);
        ReadOnlySpan<byte> behind = kind[word.Length..];
        if (behind.StartsWith(" error:"u8))
        {
            return word.SequenceEqual("Fatal"u8) ? RecordLevel.Fatal : RecordLevel.Error;
        }

        if (!behind.StartsWith((byte)':'))
        {
            return RecordLevel.None;
        }

        return word.SequenceEqual("Deprecated"u8) ? RecordLevel.Info : LevelWord.Find(word).Level;
    }

    /// <summary>The letters at the beginning of a text, but not more than a level can have.</summary>
    private static ReadOnlySpan<byte> FirstWord(ReadOnlySpan<byte> text) => text[..AsciiByte.CountLetters(text[..Math.Min(text.Length, LevelWord.MaxBytes)])];
}
