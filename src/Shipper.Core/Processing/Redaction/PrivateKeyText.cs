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
    private const int MinLineBytes = 40;

    // Longer than the words of a message about keys.
    private const int MinBodyRun = 16;
    private const int MaxLabelBytes = 48;

    private static readonly SearchValues<byte> Base64Bytes = SearchValues.Create([.. (Characters.LettersAndDigits + "+/=").Select(value => (byte)value)]);
    private static readonly SearchValues<byte> LineEnds = SearchValues.Create("\r\n\\"u8);

    private static readonly byte[][] Headers =
    [
        "Proc-Type:"u8.ToArray(), "DEK-Info:"u8.ToArray(), "Version:"u8.ToArray(), "Comment:"u8.ToArray(), "Hash:"u8.ToArray(), "Charset:"u8.ToArray(),
    ];

    private static ReadOnlySpan<byte> Dashes => "-----"u8;

    /// <summary>Finds the line that ends a private key.</summary>
    /// <param name="start">Index at which to begin.</param>
    /// <param name="end">Receives the index after the line.</param>
    /// <returns>Index of the line; -1 if the next such line is not there, or is not that of a private key.</returns>
    public static int IndexOfEnd(ReadOnlySpan<byte> text, int start, out int end)
    {
        int index = text[start..].IndexOf("-----END"u8);
        index = index < 0 ? -1 : start + index;
        return index >= 0 && TryReadLabel(text, index + "-----END".Length, out end) ? index : MissingEnd(out end);
    }

    /// <summary>Reads the rest of the first or the last line: the label of a private key, and five dashes.</summary>
    /// <param name="start">Index behind BEGIN or END.</param>
    /// <param name="end">Receives the index after the dashes.</param>
    public static bool TryReadLabel(ReadOnlySpan<byte> text, int start, out int end)
    {
        ReadOnlySpan<byte> label = text[start..];
        int length = label[..Math.Min(label.Length, MaxLabelBytes)].IndexOf(Dashes);
        end = start + length + Dashes.Length;
        return length > 0 && label[..length].IndexOf("PRIVATE KEY"u8) >= 0;
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
                : Characters.IsQuote(text[wordEnd]) || text[next] == (byte)'-' ? wordEnd
                : end;
        }
    }

    /// <summary>Skips white space, and <c>\n</c> and <c>\r</c> with any number of backslashes.</summary>
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

            if (letter == index || text.At(letter) is not ((byte)'n' or (byte)'r'))
            {
                return index;
            }

            index = letter + 1;
        }

        return index;
    }

    private static int MissingEnd(out int end)
    {
        end = 0;
        return -1;
    }

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
