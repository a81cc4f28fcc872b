using System.Buffers;
using System.Runtime.CompilerServices;

namespace Shipper.Processing.Redaction;

/// <summary>Classes of bytes, and the boundaries of words.</summary>
internal static class Characters
{
    public const string LettersAndDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

    private const int MaxColorBytes = 20;

    public static bool IsHex(byte value) => AsciiByte.IsDigit(value) || (byte)(value | 0x20) is >= (byte)'a' and <= (byte)'f';

    public static bool IsSpace(byte value) => value is (byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n';

    public static bool IsQuote(byte value) => value is (byte)'"' or (byte)'\'' or (byte)'`';

    /// <summary>Returns letters, digits, and some other ASCII characters.</summary>
    public static SearchValues<byte> LettersDigitsAnd(string others) => SearchValues.Create([.. (LettersAndDigits + others).Select(value => (byte)value)]);

    /// <summary>Returns true for a letter or a digit.</summary>
    public static bool IsAlphanumeric(byte value) => AsciiByte.IsLetter(value) || AsciiByte.IsDigit(value);

    /// <summary>Returns true for a letter, a digit or an underscore.</summary>
    public static bool IsWord(byte value) => AsciiByte.IsLetter(value) || AsciiByte.IsDigit(value) || value == (byte)'_';

    /// <summary>Returns true for a byte of the name of a key: a byte of a word, a dash or a dot.</summary>
    public static bool IsKey(byte value) => IsWord(value) || value is (byte)'-' or (byte)'.';

    public static byte ToLower(byte value) => AsciiByte.IsUpper(value) ? (byte)(value | 0x20) : value;

    /// <summary>Returns the byte at an index; 0 if the index is outside of the text.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static byte At(this ReadOnlySpan<byte> text, int index) => (uint)index < (uint)text.Length ? text[index] : (byte)0;

    /// <summary>Returns the index of the first byte at or after <paramref name="start"/> that is not one of <paramref name="values"/>.</summary>
    public static int RunEnd(ReadOnlySpan<byte> text, int start, SearchValues<byte> values)
    {
        int length = text[start..].IndexOfAnyExcept(values);
        return length < 0 ? text.Length : start + length;
    }

    /// <summary>
    /// Returns true if a word may begin at an index: behind a byte that is not of a word, behind something that was replaced, or behind an escape sequence.
    /// </summary>
    public static bool IsWordStart(in RedactText text, int index) =>
        index == text.Taken || index == 0 || !IsWord(text.Text[index - 1]) || IsBehindEscape(text.Text, index);

    /// <summary>Returns true if no byte of a word is at an index.</summary>
    public static bool IsWordEnd(ReadOnlySpan<byte> text, int index) => index >= text.Length || !IsWord(text[index]);

    /// <summary>
    /// Returns true behind an escape sequence that ends in a letter or digit: <c>\n</c> and <c>\u0026</c> in JSON, <c>%3D</c> in a URL, <c>ESC[31m</c> in front
    /// of colored text.
    /// </summary>
    private static bool IsBehindEscape(ReadOnlySpan<byte> text, int index)
    {
        switch (text[index - 1])
        {
            case (byte)'n' or (byte)'r' or (byte)'t' when text.At(index - 2) == (byte)'\\':
                return true;
            case (byte)'m' when IsBehindColor(text, index - 2):
                return true;
            case byte last when IsHex(last) && IsHex(text.At(index - 2)):
                return text.At(index - 3) == (byte)'%'
                    || (IsHex(text.At(index - 3)) && IsHex(text.At(index - 4)) && text.At(index - 5) == (byte)'u' && text.At(index - 6) == (byte)'\\');
            default:
                return false;
        }
    }

    private static bool IsBehindColor(ReadOnlySpan<byte> text, int index)
    {
        int first = index;
        while (index > first - MaxColorBytes && (AsciiByte.IsDigit(text.At(index)) || text.At(index) == (byte)';'))
        {
            index--;
        }

        return text.At(index) == (byte)'[';
    }
}
