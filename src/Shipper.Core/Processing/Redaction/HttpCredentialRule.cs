using System.Buffers;
using System.Buffers.Text;

namespace Shipper.Processing.Redaction;

/// <summary>
/// Finds credentials of HTTP behind their scheme: <c>Authorization: Bearer TOKEN</c> (RFC 6750) and <c>Basic BASE64</c> (RFC 7617). Only the token is removed.
/// </summary>
internal static class HttpCredentialRule
{
    public const string BearerPrefix = "bearer ";
    public const string BasicPrefix = "basic ";

    private const int MaxHeaderDistance = 8;
    private const int MinBytesInHeader = 8;
    private const int MinBytes = 20;
    private const int MinBytesWithoutDigit = 40;
    private const int MaxDecodedChars = 512;

    private static readonly SearchValues<byte> TokenBytes = Characters.LettersDigitsAnd("-._~+/=");

    /// <summary>Returns true if a bearer token is behind a place.</summary>
    /// <param name="index">Index of <see cref="BearerPrefix"/>.</param>
    /// <param name="start">Receives the index of the token.</param>
    /// <param name="end">Receives the index after the token.</param>
    public static bool TryMatchBearer(in RedactText text, int index, out int start, out int end)
    {
        start = index + BearerPrefix.Length;
        if (!TryFindToken(in text, index, ref start, out end))
        {
            return false;
        }

        if (IsInHeader(text.Text, index))
        {
            return (text.IsCut && end == text.Text.Length) || end - start >= MinBytesInHeader;
        }

        // Without the header, the words may be those of a sentence: "bearer authentication failed".
        ReadOnlySpan<byte> token = text.Text[start..end];
        return token.Length >= MinBytesWithoutDigit || (token.Length >= MinBytes && token.ContainsAnyInRange((byte)'0', (byte)'9'));
    }

    /// <summary>The same for <see cref="BasicPrefix"/>: what follows is the base64 of a user and a password with a colon between them.</summary>
    public static bool TryMatchBasic(in RedactText text, int index, out int start, out int end)
    {
        start = index + BasicPrefix.Length;
        return TryFindToken(in text, index, ref start, out end)
            && (IsUserAndPassword(text.Text[start..end]) || (text.IsCut && end == text.Text.Length && IsInHeader(text.Text, index)));
    }

    private static bool TryFindToken(in RedactText text, int index, ref int start, out int end)
    {
        while (text.Text.At(start) == (byte)' ' && start < index + BearerPrefix.Length + MaxHeaderDistance)
        {
            start++;
        }

        end = Characters.RunEnd(text.Text, start, TokenBytes);
        if (!text.IsCut || end < text.Text.Length)
        {
            // The end of a sentence.
            while (end > start && text.Text[end - 1] == (byte)'.')
            {
                end--;
            }
        }

        return end > start && Characters.IsWordStart(in text, index);
    }

    /// <summary>Returns true if the name of the header is shortly before an index.</summary>
    private static bool IsInHeader(ReadOnlySpan<byte> text, int index)
    {
        int end = index;
        while (end > 0 && index - end < MaxHeaderDistance && !AsciiByte.IsLetter(text[end - 1]))
        {
            end--;
        }

        return end < index && Matches(text[..end], "authorization"u8);
    }

    private static bool Matches(ReadOnlySpan<byte> text, ReadOnlySpan<byte> end) =>
        text.Length >= end.Length && System.Text.Ascii.EqualsIgnoreCase(text[^end.Length..], end);

    private static bool IsUserAndPassword(ReadOnlySpan<byte> base64)
    {
        Span<byte> decoded = stackalloc byte[MaxDecodedChars];
        base64 = base64.TrimEnd((byte)'=');
        base64 = base64[..Math.Min(base64.Length, MaxDecodedChars)];
        Span<byte> padded = stackalloc byte[MaxDecodedChars + 4];
        base64.CopyTo(padded);
        int length = base64.Length;
        while (length % 4 != 0)
        {
            padded[length++] = (byte)'=';
        }

        return Base64.DecodeFromUtf8(padded[..length], decoded, out _, out int bytes) == OperationStatus.Done
            && decoded[..bytes].IndexOf((byte)':') >= 0
            && !decoded[..bytes].ContainsAnyInRange((byte)0, (byte)31)
            && System.Text.Unicode.Utf8.IsValid(decoded[..bytes]);
    }
}
