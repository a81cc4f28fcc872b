using System.Buffers;

namespace Shipper.Processing.Redaction;

/// <summary>
/// The text of private keys in PEM: <c>-----BEGIN RSA PRIVATE KEY-----</c>, headers, base64 in lines, <c>-----END RSA PRIVATE KEY-----</c>. In JSON, the lines
/// end with <c>\n</c>; in variables of the environment often with a space. Source: RFC 7468, and RFC 1421 for the headers.
/// </summary>
internal static class PrivateKeyText
{
    public const string Begin = "-----BEGIN";

    /// <summary>A line of base64 has at least this many bytes, except the last one of a key.</summary>
    public const int MinLineBytes = 40;

    // Longer than the words of a message about keys.
    private const int MinBodyRun = 16;
    private const int MaxLabelBytes = 48;

    /// <summary>Upper bound of the length of the line that begins or ends a key.</summary>
    public const int MaxMarkerBytes = 64;

    /// <summary>The rest of a line, the last line, and the checksum of a PGP key behind it.</summary>
    public const int MaxShortLines = 3;

    public static readonly SearchValues<byte> Base64Bytes = Characters.LettersDigitsAnd("+/=");
    private static readonly SearchValues<byte> MarkerBytes = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZ -"u8);
    public static readonly SearchValues<byte> Upper = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZ"u8);
    public static readonly SearchValues<byte> Digits = SearchValues.Create("0123456789"u8);
    private static readonly SearchValues<byte> LineEnds = SearchValues.Create("\r\n\\"u8);

    private static readonly byte[][] Headers =
    [
        "Proc-Type:"u8.ToArray(), "DEK-Info:"u8.ToArray(), "Version:"u8.ToArray(), "Comment:"u8.ToArray(), "Hash:"u8.ToArray(), "Charset:"u8.ToArray(),
    ];

    public static ReadOnlySpan<byte> BeginBytes => "-----BEGIN"u8;

    public static ReadOnlySpan<byte> EndBytes => "-----END"u8;

    private static ReadOnlySpan<byte> Dashes => "-----"u8;

    private static ReadOnlySpan<byte> Label => "PRIVATE KEY"u8;

    /// <summary>Finds the line that ends a private key.</summary>
    /// <param name="start">Index at which to begin.</param>
    /// <param name="end">Receives the index after the line.</param>
    /// <returns>Index of the line; -1 if there is none. Lines that end something else, such as a certificate, do not count.</returns>
    public static int IndexOfEnd(ReadOnlySpan<byte> text, int start, out int end)
    {
        for (int length; (length = text[start..].IndexOf(EndBytes)) >= 0;)
        {
            int index = start + length;
            start = index + EndBytes.Length;
            if (TryReadLabel(text, start, out end))
            {
                return index;
            }
        }

        end = 0;
        return -1;
    }

    /// <summary>Reads the rest of the first or the last line: the label of a private key, and five dashes.</summary>
    /// <param name="start">Index behind BEGIN or END.</param>
    /// <param name="end">Receives the index after the dashes.</param>
    public static bool TryReadLabel(ReadOnlySpan<byte> text, int start, out int end)
    {
        ReadOnlySpan<byte> label = text[start..];
        int length = label[..Math.Min(label.Length, MaxLabelBytes)].IndexOf(Dashes);
        end = start + length + Dashes.Length;
        return length > 0 && label[..length].IndexOf(Label) >= 0;
    }

    /// <summary>Returns true if a text between the first and the last line may be that of a key.</summary>
    public static bool IsBody(ReadOnlySpan<byte> text)
    {
        while (!text.IsEmpty)
        {
            int run = Characters.RunEnd(text, 0, Base64Bytes);
            if (run >= MinBodyRun)
            {
                return true;
            }

            text = text[Math.Min(text.Length, run + 1)..];
        }

        return false;
    }

    /// <summary>Returns the end of the lines of a key that begin at an index.</summary>
    /// <param name="isCut">True if the text is cut at its end.</param>
    /// <param name="hasLines">True if a line of base64 or a header has come already.</param>
    /// <returns>The index after them; the length of the text if nothing else follows.</returns>
    public static int BodyEnd(ReadOnlySpan<byte> text, int start, bool isCut, ref bool hasLines)
    {
        int end = start;
        while (true)
        {
            int word = SkipLineEnds(text, end);
            if (word == text.Length)
            {
                return word;
            }

            if (IsHeader(text[word..]))
            {
                int length = text[word..].IndexOfAny(LineEnds);
                end = length < 0 ? text.Length : word + length;
                hasLines = true;
                continue;
            }

            int wordEnd = Characters.RunEnd(text, word, Base64Bytes);
            if (wordEnd - word >= MinLineBytes || (isCut && wordEnd == text.Length))
            {
                hasLines = true;
                end = wordEnd;
                continue;
            }

            // The last line may be short.
            int next = SkipLineEnds(text, wordEnd);
            return !hasLines || wordEnd == word ? end
                : next == text.Length ? next
                : Characters.IsQuote(text[wordEnd]) || IsEndOrMarker(text, next) ? wordEnd
                : end;
        }
    }

    /// <summary>Returns the end of the lines of a key in a text that may begin within a line.</summary>
    /// <param name="isFirst">True if the record before ended with the line that begins the key.</param>
    /// <inheritdoc cref="BodyEnd"/>
    public static int RestEnd(ReadOnlySpan<byte> text, int start, bool isCut, bool isFirst, ref bool hasLines)
    {
        bool wasInLines = hasLines;
        int end = BodyEnd(text, start, isCut, ref hasLines);
        if (end > start)
        {
            return end;
        }

        if (isFirst && EndsInFirstLine(text, start) && (start > 0 || text.ContainsAny(Upper) || text.ContainsAny(Digits)))
        {
            hasLines = true;
            return Characters.RunEnd(text, SkipLineEnds(text, start), Base64Bytes) is var first && SkipLineEnds(text, first) == text.Length ? text.Length : first;
        }

        // The rest of a line, and behind it other lines.
        int word = SkipLineEnds(text, start);
        int rest = Characters.RunEnd(text, word, Base64Bytes);
        if (!wasInLines || rest == word)
        {
            return start;
        }

        hasLines = text[rest..].IndexOfAnyExcept((byte)' ', (byte)'\t') is >= 0 and int next && LineEnds.Contains(text[rest + next]);
        int restEnd = BodyEnd(text, rest, isCut, ref hasLines);
        end = hasLines && restEnd > rest ? restEnd : start;
        hasLines = true;
        return end;
    }

    /// <summary>Returns true if a text consists of a few short lines, as at the end of a key.</summary>
    public static bool IsShortRest(ReadOnlySpan<byte> text, int maxLines)
    {
        int word = SkipLineEnds(text, 0);
        for (int lines = 0; lines < maxLines && word < text.Length; lines++)
        {
            int wordEnd = Characters.RunEnd(text, word, Base64Bytes);
            if (wordEnd == word)
            {
                return false;
            }

            word = SkipLineEnds(text, wordEnd);
        }

        return word == text.Length;
    }

    /// <summary>Returns true if a text ends within the first line of a key.</summary>
    /// <param name="body">Index after the line that begins the key.</param>
    public static bool EndsInFirstLine(ReadOnlySpan<byte> text, int body)
    {
        int word = SkipLineEnds(text, body);
        int wordEnd = Characters.RunEnd(text, word, Base64Bytes);
        if (wordEnd == word || !(SkipLineEnds(text, wordEnd) is var next && (next == text.Length || IsEndOrMarker(text, next))))
        {
            return false;
        }

        // On the same line, a word is not a key.
        return word == body || text[body..word].ContainsAny(LineEnds) || text[word..wordEnd].ContainsAny(Upper) || text[word..wordEnd].ContainsAny(Digits);
    }

    /// <summary>Returns true if a text ends within the line that begins a key at an index.</summary>
    /// <param name="index">Index of <see cref="Begin"/>; negative if it is in the record before.</param>
    public static bool EndsInMarker(ReadOnlySpan<byte> text, int index)
    {
        ReadOnlySpan<byte> label = text[(index + Begin.Length)..];
        return label.Length < MaxLabelBytes && !label.ContainsAnyExcept(MarkerBytes) && label.IndexOf(Dashes) < 0;
    }

    /// <summary>Reads the end of the line that begins a key, in a text that begins within that line.</summary>
    /// <param name="body">Receives the index after it.</param>
    public static bool TryReadRestOfMarker(ReadOnlySpan<byte> text, out int body)
    {
        body = 0;
        return !text.IsEmpty && MarkerBytes.Contains(text[0]) && !text.StartsWith(Dashes) && TryContinueMarker(text, out body)
            && text[..body].IndexOf(Label) >= 0;
    }

    /// <summary>Reads the end of the line that begins a key, if the record before ended within that line.</summary>
    /// <param name="body">Receives the index after it.</param>
    public static bool TryContinueMarker(ReadOnlySpan<byte> text, out int body)
    {
        ReadOnlySpan<byte> first = text[..Math.Min(text.Length, MaxMarkerBytes)];
        int length = first.IndexOfAnyExcept(MarkerBytes);
        first = length < 0 ? first : first[..length];
        int dash = first.LastIndexOf((byte)'-');
        ReadOnlySpan<byte> label = first[..(dash + 1)].TrimEnd((byte)'-');
        body = dash + 1;

        // PRIVATE KEY, or PRIVATE KEY BLOCK.
        return dash >= 0 && (label.IsEmpty || label[^1] is (byte)'Y' or (byte)'K');
    }

    /// <summary>
    /// Skips white space, and <c>\n</c> and <c>\r</c> with any number of backslashes. The text may end within them.
    /// </summary>
    public static int SkipLineEnds(ReadOnlySpan<byte> text, int index)
    {
        while (index < text.Length)
        {
            if (Characters.IsSpace(text[index]))
            {
                index++;
                continue;
            }

            int letter = index;
            while (text.At(letter) == (byte)'\\')
            {
                letter++;
            }

            if (letter > index && letter == text.Length)
            {
                return letter;
            }

            if (letter == index || text.At(letter) is not ((byte)'n' or (byte)'r'))
            {
                return index;
            }

            index = letter + 1;
        }

        return index;
    }

    /// <summary>Returns true at the line that ends a key, or its beginning, and at the marker of a text that was cut.</summary>
    private static bool IsEndOrMarker(ReadOnlySpan<byte> text, int index) =>
        text[index..].StartsWith("--"u8) || (text[index] == (byte)'-' && index == text.Length - 1) || text[index..].StartsWith("…["u8);

    private static bool IsHeader(ReadOnlySpan<byte> text)
    {
        foreach (byte[] header in Headers)
        {
            if (text.StartsWith(header))
            {
                return true;
            }
        }

        return false;
    }
}
