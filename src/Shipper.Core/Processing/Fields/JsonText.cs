using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using Shipper.Records;

namespace Shipper.Processing.Fields;

/// <summary>The content of quoted strings in JSON (RFC 8259, section 7) and logfmt, which escapes in the same way.</summary>
internal static class JsonText
{
    /// <summary>Names longer than this never equal an escaped key, in bytes.</summary>
    public const int MaxNameBytes = 256;

    private const int UnicodeEscapeLength = 6;

    /// <summary>Finds the quote that ends a string.</summary>
    /// <param name="start">Index behind the opening quote.</param>
    /// <param name="isEscaped">True if the string has escapes.</param>
    /// <returns>The index of the quote; -1 if the string does not end.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int FindEnd(ReadOnlySpan<byte> text, int start, out bool isEscaped)
    {
        isEscaped = false;
        int length = text[start..].IndexOfAny((byte)'"', (byte)'\\');
        return length < 0 ? -1 : text[start + length] == '"' ? start + length : FindEndBehindEscape(text, start + length, out isEscaped);
    }

    /// <summary>
    /// Decodes a string. Invalid UTF-8 and escapes of lone surrogates become U+FFFD; unknown escapes stay as they are.
    /// </summary>
    /// <param name="raw">The string without its quotes.</param>
    /// <param name="target">Receives as many whole characters as fit.</param>
    /// <returns>The number of bytes written: valid UTF-8.</returns>
    public static int Unescape(ReadOnlySpan<byte> raw, Span<byte> target)
    {
        int written = 0;
        while (!raw.IsEmpty)
        {
            int plain = raw.IndexOf((byte)'\\');
            plain = plain < 0 ? raw.Length : plain;
            written += Utf8Text.Cut(raw[..plain], hasMore: false, target[written..], out int taken);
            if (taken < plain || plain == raw.Length)
            {
                break;
            }

            raw = raw[plain..];
            Rune rune = DecodeEscape(raw, out int consumed);
            if (!rune.TryEncodeToUtf8(target[written..], out int length))
            {
                break;
            }

            written += length;
            raw = raw[consumed..];
        }

        return written;
    }

    /// <summary>Compares a string that may have escapes with a name.</summary>
    /// <param name="raw">The string without its quotes.</param>
    /// <param name="name">The name, in UTF-8 and without escapes.</param>
    [SkipLocalsInit]
    public static bool Equals(ReadOnlySpan<byte> raw, ReadOnlySpan<byte> name)
    {
        if (raw.Length > name.Length * UnicodeEscapeLength || name.Length > MaxNameBytes)
        {
            return false;
        }

        // One character more than the longest name, so that a longer string is not mistaken for the name.
        Span<byte> text = stackalloc byte[MaxNameBytes + 4];
        return text[..Unescape(raw, text)].SequenceEqual(name);
    }

    private static int FindEndBehindEscape(ReadOnlySpan<byte> text, int position, out bool isEscaped)
    {
        isEscaped = true;
        while (true)
        {
            // position is that of a backslash.
            position += 2;
            int length = position <= text.Length ? text[position..].IndexOfAny((byte)'"', (byte)'\\') : -1;
            if (length < 0)
            {
                return -1;
            }

            position += length;
            if (text[position] == '"')
            {
                return position;
            }
        }
    }

    private static Rune DecodeEscape(ReadOnlySpan<byte> text, out int consumed)
    {
        consumed = 2;
        switch (text.Length > 1 ? text[1] : (byte)0)
        {
            case (byte)'"':
                return new Rune('"');
            case (byte)'\\':
                return new Rune('\\');
            case (byte)'/':
                return new Rune('/');
            case (byte)'b':
                return new Rune('\b');
            case (byte)'f':
                return new Rune('\f');
            case (byte)'n':
                return new Rune('\n');
            case (byte)'r':
                return new Rune('\r');
            case (byte)'t':
                return new Rune('\t');
            case (byte)'u' when ReadUnit(text) is var unit and >= 0:
                consumed = UnicodeEscapeLength;
                if (char.IsHighSurrogate((char)unit) && ReadUnit(text[UnicodeEscapeLength..]) is var low and >= 0 && char.IsLowSurrogate((char)low))
                {
                    consumed += UnicodeEscapeLength;
                    return new Rune((char)unit, (char)low);
                }

                return Rune.TryCreate(unit, out Rune rune) ? rune : Rune.ReplacementChar;
            default:
                consumed = 1;
                return new Rune('\\');
        }
    }

    /// <summary>Reads <c>\uXXXX</c>.</summary>
    /// <returns>The UTF-16 unit; -1 if the text does not begin with one.</returns>
    private static int ReadUnit(ReadOnlySpan<byte> text) =>
        text.Length >= UnicodeEscapeLength && text[0] == '\\' && text[1] == 'u'
        && ushort.TryParse(text[2..UnicodeEscapeLength], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ushort unit) ? unit : -1;
}
