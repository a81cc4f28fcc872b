using System.Buffers;

namespace Shipper.Processing.Redaction;

/// <summary>Finds keys of OpenAI: <c>sk-</c>, and in the middle the base64 of <c>OpenAI</c>. Source: gitleaks/gitleaks, config/gitleaks.toml.</summary>
internal static class OpenAiKeyRule
{
    private const int MaxBytesBefore = 128;
    private const int MinBytes = 40;

    private static readonly SearchValues<byte> KeyBytes = Characters.LettersDigitsAnd("_-");

    /// <summary>Returns true if a key is around an index.</summary>
    /// <param name="index">Index of the base64.</param>
    /// <param name="start">Receives the index of the key.</param>
    /// <param name="end">Receives the index after the key.</param>
    public static bool TryMatch(in RedactText text, int index, out int start, out int end)
    {
        int first = Math.Max(text.Taken, index - MaxBytesBefore);
        int before = text.Text[first..index].LastIndexOfAnyExcept(KeyBytes);
        end = index;
        start = first + before + 1;
        int prefix = text.Text[start..index].IndexOf("sk-"u8);
        start += prefix;
        if (prefix < 0 || !Characters.IsWordStart(in text, start))
        {
            return false;
        }

        end = Characters.RunEnd(text.Text, index, KeyBytes);
        return end - start >= MinBytes || (text.IsCut && end == text.Text.Length);
    }
}
