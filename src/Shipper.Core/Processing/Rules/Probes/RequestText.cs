using System.Buffers;

namespace Shipper.Processing.Rules.Probes;

/// <summary>
/// Reads a request from the text of an access log: a method, a path or URL, and a status behind or in front of them. Quotes, colors and columns between them
/// make no difference. <c>HealthCheckLines</c> of the tests has a line of each format.
/// </summary>
/// <remarks>Takes any bytes, in linear time, and allocates nothing.</remarks>
internal static class RequestText
{
    // What is between the method and the status, at most: "HTTP/1.1", "from", an address, "-".
    private const int MaxWords = 8;

    private static readonly SearchValues<byte> FirstLetters = SearchValues.Create("GHPODCT"u8);
    private static readonly WordList Fillers = new("-", "->", "=>", "→", "responded", "returned", "completed", "with", "status", "status:", "code", "1.1", "2");
    private static readonly WordList Units = new("ns", "us", "µs", "ms", "s", "B", "bytes");

    /// <summary>Reads the first request of a text, with its status and user agent, if it has them.</summary>
    public static void Read(ReadOnlySpan<byte> text, ref RequestFacts facts)
    {
        for (int start = 0; TryFindMethod(text, ref start, out int length); start += length)
        {
            var words = new TextWords(text, start + length);
            if (!words.Read() || !facts.AddTarget(words.Word.TrimEnd(":,"u8)))
            {
                continue;
            }

            facts.AddMethod(text.Slice(start, length));
            int end = words.Position;
            if (!TryReadStatusBehind(ref words, ref facts))
            {
                StatusBefore.Read(text[..start], ref facts);
            }

            ReadAgents(text[end..], ref facts);
            return;
        }
    }

    private static bool TryFindMethod(ReadOnlySpan<byte> text, ref int start, out int length)
    {
        for (; start < text.Length; start++)
        {
            int next = text[start..].IndexOfAny(FirstLetters);
            if (next < 0)
            {
                break;
            }

            start += next;
            length = MeasureMethod(text[start..]);
            if (length > 0 && (start == 0 || !char.IsAsciiLetterOrDigit((char)text[start - 1]) || IsBehindColor(text[..start]))
                && start + length < text.Length && TextWords.IsSeparator(text[start + length]))
            {
                return true;
            }
        }

        length = 0;
        return false;
    }

    private static int MeasureMethod(ReadOnlySpan<byte> text) =>
        text.StartsWith("GET"u8) ? 3
        : text.StartsWith("HEAD"u8) || text.StartsWith("POST"u8) ? 4
        : text.StartsWith("PUT"u8) ? 3
        : text.StartsWith("DELETE"u8) ? 6
        : text.StartsWith("PATCH"u8) || text.StartsWith("TRACE"u8) ? 5
        : text.StartsWith("OPTIONS"u8) || text.StartsWith("CONNECT"u8) ? 7
        : 0;

    /// <summary>Returns true if a text ends with the <c>m</c> of an escape sequence, such as <c>ESC[32m</c>.</summary>
    private static bool IsBehindColor(ReadOnlySpan<byte> text)
    {
        const int MaxLength = 16;
        int escape = text[Math.Max(0, text.Length - MaxLength)..].LastIndexOf(TextWords.Escape);
        return text[^1] == 'm' && escape >= 0;
    }

    private static bool TryReadStatusBehind(ref TextWords words, ref RequestFacts facts)
    {
        for (int i = 0; i < MaxWords; i++)
        {
            if (!words.Read())
            {
                return false;
            }

            ReadOnlySpan<byte> word = words.Word;
            ReadOnlySpan<byte> bare = word.Trim("(),:;[]"u8);
            if (RequestFacts.IsStatus(bare))
            {
                return !IsUnit(words) && facts.AddStatus(bare);
            }

            if (word.SequenceEqual("from"u8))
            {
                // chi: "GET http://host/path HTTP/1.1" from 10.0.0.1:5000 - 200 2B in 12µs
                words.Read();
            }
            else if (word.SequenceEqual("generated"u8))
            {
                // uWSGI: GET /path => generated 2 bytes in 1 msecs (HTTP/1.1 200)
                return words.SkipTo("(HTTP/"u8) && words.Read() && words.Read() && facts.AddStatus(words.Word.TrimEnd((byte)')'));
            }
            else if (!IsFiller(word))
            {
                return false;
            }
        }

        return false;
    }

    /// <summary>Returns true for a word that may be between the path and the status.</summary>
    private static bool IsFiller(ReadOnlySpan<byte> word) => word.StartsWith("HTTP/"u8) || word[0] == '(' || Fillers.Contains(word);

    /// <summary>Returns true if the word behind a number makes it a duration or a size.</summary>
    private static bool IsUnit(TextWords behind) => behind.Read() && Units.Contains(behind.Word);

    /// <summary>
    /// Reads the user agents behind the path: texts in quotes or, in old logs of Kubernetes, in brackets. What is between two texts in quotes begins with a
    /// space, so it is not mistaken for one.
    /// </summary>
    private static void ReadAgents(ReadOnlySpan<byte> text, ref RequestFacts facts)
    {
        while (true)
        {
            int quote = text.IndexOfAny((byte)'"', (byte)'[');
            if (quote < 0)
            {
                return;
            }

            bool isQuote = text[quote] == '"';
            text = text[(quote + 1)..];
            if (isQuote && !IsService(text))
            {
                facts.AddAgent(text);
            }
            else
            {
                facts.AddPossibleAgent(text);
            }
        }
    }

    /// <summary>Returns true for the name of a service of Traefik in quotes: <c>ping@internal</c>.</summary>
    private static bool IsService(ReadOnlySpan<byte> text)
    {
        int end = text.IndexOfAny("\" "u8);
        return end > 0 && text[end] == '"' && text[..end].Contains((byte)'@');
    }
}
