namespace Shipper.Processing.Multiline.Traces;

/// <summary>
/// Finds the name of an exception as runtimes print it before a trace: <c>java.lang.IllegalStateException: message</c>, <c>TypeError: message</c>,
/// <c>Error [ERR_X]: message</c>, <c>SocketException (111): message</c>, or the name alone at the end of the line.
/// </summary>
internal static class ExceptionHeader
{
    private const int MaxCodeLength = 64;

    /// <summary>Finds the first name of an exception.</summary>
    /// <param name="text">A line without ANSI sequences, and without whitespace at its end.</param>
    public static ExceptionPlace Find(ReadOnlySpan<byte> text)
    {
        if (IsThrowable(text))
        {
            return ExceptionPlace.Start;
        }

        int counted = 0;
        int quotes = 0;
        for (int index = ExceptionWords.IndexOf(text, 0, out int end); index >= 0; index = ExceptionWords.IndexOf(text, end, out end))
        {
            if (!IsFollowed(text[end..]))
            {
                continue;
            }

            int begin = text[..index].LastIndexOfAnyExcept(NameBytes.Values) + 1;
            if (!IsName(text, begin, index, end))
            {
                continue;
            }

            if (begin > counted)
            {
                quotes += text[counted..begin].Count((byte)'"');
                counted = begin;
            }

            // What is quoted is a value, as in logfmt.
            if (quotes % 2 == 0)
            {
                return begin == 0 ? ExceptionPlace.Start : ExceptionPlace.Inside;
            }
        }

        return ExceptionPlace.None;
    }

    /// <summary>Returns true for <c>java.lang.Throwable</c>, which some loggers use to print the current stack.</summary>
    public static bool IsThrowable(ReadOnlySpan<byte> text) => text.StartsWith("java.lang.Throwable"u8) && IsFollowed(text["java.lang.Throwable"u8.Length..]);

    /// <summary>Returns true if the text behind a name is one that follows the name of a thrown exception.</summary>
    private static bool IsFollowed(ReadOnlySpan<byte> rest)
    {
        if (rest.IsEmpty)
        {
            return true;
        }

        if (rest[0] == (byte)'`' || rest.StartsWith(" ("u8) || rest.StartsWith(" ["u8))
        {
            rest = rest[LengthOfCode(rest)..];
        }

        return rest.StartsWith(": "u8) || rest.SequenceEqual(":"u8);
    }

    /// <summary>
    /// Returns the length of a code: <c> (111)</c>, <c> [ERR_X]</c>, or the type arguments <c>`1[System.String]</c> of .NET; 0 if there is none.
    /// </summary>
    private static int LengthOfCode(ReadOnlySpan<byte> rest)
    {
        int end = rest[..Math.Min(rest.Length, MaxCodeLength)].IndexOfAny((byte)')', (byte)']');
        return end < 0 || (rest[0] == (byte)' ' && rest[2..end].ContainsAnyExcept(NameBytes.CodeValues)) ? 0 : end + 1;
    }

    /// <summary>Returns true if what ends in <c>Exception</c> or the like is the name of a class, at a place where a runtime or a logger puts it.</summary>
    private static bool IsName(ReadOnlySpan<byte> text, int begin, int literal, int end)
    {
        // The last part of a qualified name: java.lang.Error, Outer$InnerException, App\Exception, Foo::BarError.
        int simple = begin + text[begin..end].LastIndexOfAny(".$:\\"u8) + 1;
        if (!char.IsAsciiLetterUpper((char)text[simple]))
        {
            return false;
        }

        if (begin == 0)
        {
            return true;
        }

        // In a line of text, the words "Error" and "Exception" are ordinary ones, unless a message follows.
        bool isWord = begin == literal;
        return text[begin - 1] is (byte)' ' or (byte)'\t' or (byte)']' or (byte)'>' or (byte)'|'
            && (!isWord || (end + 1 < text.Length && text[begin - 1] == (byte)' '));
    }
}
