using System.Buffers;

namespace Shipper.Processing.Redaction;

/// <summary>The lines of a private key that a logger has printed, each with other text in front of it.</summary>
internal static class PrefixedKeyLine
{
    // Without digits or without upper case, a short text may be a word.
    private const int MinWordBytes = 8;

    private static readonly SearchValues<byte> Lower = SearchValues.Create("abcdefghijklmnopqrstuvwxyz"u8);

    /// <summary>Returns the index of the next line of a key that has other text in front of it; -1 if there is none.</summary>
    public static int IndexOf(ReadOnlySpan<byte> text, int start)
    {
        while (start < text.Length)
        {
            int index = text[start..].IndexOfAny(PrivateKeyText.Base64Bytes);
            if (index < 0)
            {
                return -1;
            }

            int line = start + index;
            start = Characters.RunEnd(text, line, PrivateKeyText.Base64Bytes);

            // Neither a hash nor a long path.
            ReadOnlySpan<byte> run = text[line..start];
            if (run.Length >= PrivateKeyText.MinLineBytes && IsMixed(run))
            {
                return line;
            }
        }

        return -1;
    }

    /// <summary>Returns the index of the short last line of a key that has other text in front of it, and nothing behind; -1 if there is none.</summary>
    public static int IndexOfLast(ReadOnlySpan<byte> text)
    {
        ReadOnlySpan<byte> trimmed = text.TrimEnd("\r\n"u8);
        int before = trimmed.LastIndexOfAnyExcept(PrivateKeyText.Base64Bytes);
        ReadOnlySpan<byte> run = trimmed[(before + 1)..];

        if (before < 0 || trimmed[before] != (byte)' ' || run.IsEmpty || run.Length >= PrivateKeyText.MinLineBytes || run.Length % 4 != 0)
        {
            return -1;
        }

        // Not a word, nor a number.
        return (run.Length >= MinWordBytes && IsMixed(run)) || run[^1] == (byte)'=' ? before + 1 : -1;
    }

    private static bool IsMixed(ReadOnlySpan<byte> run) => run.ContainsAny(PrivateKeyText.Upper) && run.ContainsAny(Lower) && run.ContainsAny(PrivateKeyText.Digits);
}
