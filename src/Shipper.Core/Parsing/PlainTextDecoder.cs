using System.Text;

namespace Shipper.Parsing;

/// <summary>
/// Decodes the lines of plain log files: removes a byte order mark at their start and the carriage return that belongs to a newline, and converts to UTF-8.
/// Positions are those in the file, so all methods work on the bytes as they are in the file.
/// </summary>
/// <remarks>Not thread-safe: each lane has its own instance. The scratch buffer is allocated with the first UTF-16 line.</remarks>
/// <param name="capacity">Maximum number of bytes in one call.</param>
internal sealed class PlainTextDecoder(int capacity)
{
    private const byte CarriageReturn = (byte)'\r';
    private const int UnitBytes = 2;

    // A UTF-16 unit takes at most three bytes of UTF-8, and so does an odd byte at the end.
    private const int MaxUtf8BytesPerUnit = 3;

    private byte[] _utf8 = [];

    /// <summary>The encoding of the file that is being read.</summary>
    public TextEncoding Encoding { get; set; }

    /// <summary>True if the encoding is UTF-16, so that a character takes two or four bytes.</summary>
    public bool IsUtf16 => Encoding != TextEncoding.Utf8;

    /// <summary>Length of a newline in bytes.</summary>
    public int NewlineBytes => IsUtf16 ? UnitBytes : 1;

    /// <summary>Length of a byte order mark in bytes.</summary>
    public int ByteOrderMarkBytes => IsUtf16 ? UnitBytes : ByteOrderMark.Length;

    private static ReadOnlySpan<byte> ByteOrderMark => [0xEF, 0xBB, 0xBF];

    /// <summary>Detects the encoding from the beginning of a file.</summary>
    /// <returns>Null if the file is too short to tell.</returns>
    public static TextEncoding? Detect(ReadOnlySpan<byte> head) => head switch
    {
        [0xFF, 0xFE, ..] => TextEncoding.Utf16LittleEndian,
        [0xFE, 0xFF, ..] => TextEncoding.Utf16BigEndian,
        [] or [0xFF] or [0xFE] => null,
        _ => TextEncoding.Utf8,
    };

    /// <summary>Returns true if text is probably UTF-16 although the file has no byte order mark, because every other byte of its beginning is NUL.</summary>
    public static bool LooksLikeUtf16(ReadOnlySpan<byte> line) => line is [not 0, 0, not 0, 0, not 0, 0, ..];

    /// <summary>Finds the first newline.</summary>
    /// <param name="offset">The text's offset in the file: characters of two bytes begin at even offsets.</param>
    /// <returns>-1 if there is none.</returns>
    public int IndexOfNewline(ReadOnlySpan<byte> text, long offset) => IsUtf16 ? IndexOf(Newline, text, offset) : text.IndexOf((byte)'\n');

    /// <summary>Finds the first NUL.</summary>
    /// <returns>-1 if there is none.</returns>
    public int IndexOfNul(ReadOnlySpan<byte> text, long offset) => IsUtf16 ? IndexOf("\0\0"u8, text, offset) : text.IndexOf((byte)0);

    /// <summary>Counts the NULs at the beginning of a text.</summary>
    /// <returns>Number of bytes in whole NUL characters.</returns>
    public int CountNuls(ReadOnlySpan<byte> text, long offset)
    {
        int count = text.IndexOfAnyExcept((byte)0) is >= 0 and int other ? other : text.Length;
        return IsUtf16 && (offset % UnitBytes != 0 || count < UnitBytes) ? 0 : count / NewlineBytes * NewlineBytes;
    }

    /// <summary>Finds the end of the last whole line.</summary>
    /// <param name="offset">The text's offset in the file.</param>
    /// <returns>The index after its newline; -1 if there is none.</returns>
    public int FindLastLineEnd(ReadOnlySpan<byte> text, long offset)
    {
        int end = text.Length;
        while ((end = text[..end].LastIndexOf(Newline)) >= 0 && (offset + end) % NewlineBytes != 0)
        {
            end += NewlineBytes - 1;
        }

        return end < 0 ? -1 : end + NewlineBytes;
    }

    /// <summary>
    /// Returns how many bytes of an unfinished line can be decoded on their own: whole characters, without a final carriage return, which may belong to the
    /// newline that follows.
    /// </summary>
    /// <param name="text">The line, or a part of it.</param>
    /// <param name="offset">Its offset in the file.</param>
    public int DecodableLength(ReadOnlySpan<byte> text, long offset)
    {
        if (!IsUtf16)
        {
            return text.EndsWith(CarriageReturn) ? text.Length - 1 : text.Length;
        }

        int length = text.Length - (int)((offset + text.Length) % UnitBytes);
        if (length >= UnitBytes && UnitAt(text, length - UnitBytes) is var last && (last == CarriageReturn || char.IsHighSurrogate(last)))
        {
            length -= UnitBytes;
        }

        return Math.Max(0, length);
    }

    /// <summary>Decodes a line, or a part of one.</summary>
    /// <param name="line">The bytes as they are in the file.</param>
    /// <param name="offset">Offset of the bytes in the file.</param>
    /// <param name="isStart">True if these bytes are the beginning of a line.</param>
    /// <param name="isEnd">True if the newline follows these bytes.</param>
    /// <returns>A view of the line or of the scratch buffer, valid until the next call.</returns>
    public ReadOnlySpan<byte> Decode(ReadOnlySpan<byte> line, long offset, bool isStart, bool isEnd)
    {
        ReadOnlySpan<byte> text = IsUtf16 ? DecodeUtf16(line, isCut: offset % UnitBytes != 0) : line;
        if (isStart && text.StartsWith(ByteOrderMark))
        {
            text = text[ByteOrderMark.Length..];
        }

        return isEnd ? WithoutCarriageReturn(text) : text;
    }

    /// <summary>Returns a line without the carriage return that belongs to its newline.</summary>
    public static ReadOnlySpan<byte> WithoutCarriageReturn(ReadOnlySpan<byte> line) => line.EndsWith(CarriageReturn) ? line[..^1] : line;

    private ReadOnlySpan<byte> Newline => Encoding switch
    {
        TextEncoding.Utf16LittleEndian => "\n\0"u8,
        TextEncoding.Utf16BigEndian => "\0\n"u8,
        _ => "\n"u8,
    };

    private static int IndexOf(ReadOnlySpan<byte> unit, ReadOnlySpan<byte> text, long offset)
    {
        for (int start = 0, found; (found = text[start..].IndexOf(unit)) >= 0; start++)
        {
            start += found;
            if ((offset + start) % UnitBytes == 0)
            {
                return start;
            }
        }

        return -1;
    }

    private char UnitAt(ReadOnlySpan<byte> text, int position) =>
        (char)(Encoding == TextEncoding.Utf16BigEndian ? (text[position] << 8) | text[position + 1] : text[position] | (text[position + 1] << 8));

    /// <summary>Decodes UTF-16. Invalid units, and half a character at the start or the end, become U+FFFD.</summary>
    private ReadOnlySpan<byte> DecodeUtf16(ReadOnlySpan<byte> text, bool isCut)
    {
        if (_utf8.Length == 0)
        {
            _utf8 = GC.AllocateUninitializedArray<byte>(((capacity / UnitBytes) + 2) * MaxUtf8BytesPerUnit);
        }

        int written = isCut && !text.IsEmpty ? Rune.ReplacementChar.EncodeToUtf8(_utf8) : 0;
        for (int position = isCut ? 1 : 0; position < text.Length; position += UnitBytes)
        {
            Rune rune = Rune.ReplacementChar;
            if (position + UnitBytes <= text.Length && !Rune.TryCreate(UnitAt(text, position), out rune))
            {
                bool isPair = position + (2 * UnitBytes) <= text.Length
                    && Rune.TryCreate(UnitAt(text, position), UnitAt(text, position + UnitBytes), out rune);
                position += isPair ? UnitBytes : 0;
                rune = isPair ? rune : Rune.ReplacementChar;
            }

            written += rune.EncodeToUtf8(_utf8.AsSpan(written));
        }

        return _utf8.AsSpan(0, written);
    }
}
