using System.Buffers;
using System.Buffers.Text;

namespace Shipper.Processing.Redaction;

/// <summary>
/// Finds JSON Web Tokens: two to five parts in base64url with dots between them. The first is a JSON object with the algorithm or the type. Source: RFC 7515
/// and RFC 7516, "Compact Serialization".
/// </summary>
internal static class JwtRule
{
    /// <summary>Base64url of <c>{"</c>, with which the first part begins.</summary>
    public const string Prefix = "eyJ";

    // Headers with certificates are longer, but the algorithm is at their beginning nearly always.
    private const int MaxHeaderChars = 1024;
    private const int MinPayloadChars = 4;

    private static readonly SearchValues<byte> PartBytes = Characters.LettersDigitsAnd("_-");

    private static readonly SearchValues<byte> TokenBytes = Characters.LettersDigitsAnd("_-.");

    /// <summary>Returns true if a token begins at an index.</summary>
    /// <param name="end">Receives the index after the token.</param>
    public static bool TryMatch(in RedactText text, int index, out int end)
    {
        end = index;

        // Bytes that belong to a token must not be in front of it, or searching could take quadratic time.
        if (!Characters.IsWordStart(in text, index) || (index > text.Taken && text.Text.At(index - 1) is (byte)'.' or (byte)'-'))
        {
            return false;
        }

        int headerEnd = Characters.RunEnd(text.Text, index, PartBytes);
        if (headerEnd == text.Text.Length && text.IsCut)
        {
            end = headerEnd;
            return true;
        }

        if (text.Text.At(headerEnd) != (byte)'.' || !IsHeader(text.Text[index..headerEnd]))
        {
            return false;
        }

        end = Characters.RunEnd(text.Text, headerEnd, TokenBytes);
        if (text.IsCut && end == text.Text.Length)
        {
            return true;
        }

        // The end of a sentence.
        while (text.Text[end - 1] == (byte)'.')
        {
            end--;
        }

        return end - headerEnd > MinPayloadChars;
    }

    private static bool IsHeader(ReadOnlySpan<byte> base64)
    {
        Span<byte> json = stackalloc byte[MaxHeaderChars];
        base64 = base64[..Math.Min(base64.Length, MaxHeaderChars)];

        // Whatever could be decoded counts: the header may be longer.
        Base64Url.DecodeFromUtf8(base64, json, out _, out int length);
        return json[..length].IndexOf("\"alg\""u8) >= 0 || json[..length].IndexOf("\"typ\""u8) >= 0;
    }
}
