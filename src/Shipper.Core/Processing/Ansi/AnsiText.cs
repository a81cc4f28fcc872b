using System.Runtime.CompilerServices;

namespace Shipper.Processing.Ansi;

/// <summary>
/// Finds and removes ANSI escape sequences, such as those for colors (ECMA-48, and xterm's "Control Sequences"):
/// <code>
/// sequence = csi | string | escape
/// csi      = (ESC "[" | U+009B) {30–3F} {20–2F} 40–7E
/// string   = ESC ("]" | "P" | "X" | "^" | "_") {08–0D | 20–FF} (BEL | ESC "\")
/// escape   = ESC {20–2F} 30–7E
/// </code>
/// Anything else stays as it is. Takes any bytes, in linear time, because no sequence extends beyond the next ESC.
/// </summary>
internal static class AnsiText
{
    /// <summary>The character ESC, with which nearly every sequence begins.</summary>
    public const byte Escape = 0x1b;

    private const byte Bell = 0x07;

    /// <summary>The control character that begins a sequence in UTF-8: CSI.</summary>
    private static ReadOnlySpan<byte> ControlSequenceIntroducer => "\u009b"u8;

    /// <summary>Returns the index of the first byte that may begin a sequence; -1 if there is none.</summary>
    /// <param name="isAscii">True if the text is known to be ASCII only.</param>
    public static int IndexOf(ReadOnlySpan<byte> text, bool isAscii = false)
    {
        int escape = text.IndexOf(Escape);
        if (isAscii)
        {
            return escape;
        }

        int control = (escape < 0 ? text : text[..escape]).IndexOf(ControlSequenceIntroducer);
        return control < 0 ? escape : control;
    }

    /// <summary>Returns the index behind all sequences at the beginning of a text.</summary>
    public static int Skip(ReadOnlySpan<byte> text)
    {
        int position = 0;
        while (MeasureSequence(text[position..]) is var length and > 0)
        {
            position += length;
        }

        return position;
    }

    /// <summary>Copies a text without its sequences, as much of it as fits. An incomplete sequence at the end is copied.</summary>
    /// <param name="text">The text in UTF-8; it may be invalid.</param>
    /// <param name="target">Receives the text. It must not overlap it.</param>
    /// <returns>The number of bytes written.</returns>
    public static int Strip(ReadOnlySpan<byte> text, Span<byte> target) => Strip(text, target, out _);

    /// <inheritdoc cref="Strip(ReadOnlySpan{byte}, Span{byte})"/>
    /// <param name="incompleteBytes">Number of bytes written for an incomplete sequence at the end.</param>
    public static int Strip(ReadOnlySpan<byte> text, Span<byte> target, out int incompleteBytes)
    {
        int written = 0;
        incompleteBytes = 0;
        while (written < target.Length && !text.IsEmpty)
        {
            int length = MeasureSequence(text);
            if (length > 0)
            {
                text = text[length..];
                continue;
            }

            // Bytes that begin no sequence are copied, up to the next that may.
            int next = length < 0 ? -1 : IndexOf(text[1..]);
            int plain = Math.Min(next < 0 ? text.Length : next + 1, target.Length - written);
            text[..plain].CopyTo(target[written..]);
            incompleteBytes = length < 0 ? plain : 0;
            written += plain;
            text = text[plain..];
        }

        return written;
    }

    /// <summary>Measures the sequence at the beginning of a text.</summary>
    /// <returns>Its length in bytes; 0 if the text does not begin with a sequence; -1 if it ends within one.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int MeasureSequence(ReadOnlySpan<byte> text) =>
        text.IsEmpty || (text[0] != Escape && text[0] != ControlSequenceIntroducer[0]) ? 0 : MeasureLikely(text);

    private static int MeasureLikely(ReadOnlySpan<byte> text)
    {
        if (text[0] != Escape && !text.StartsWith(ControlSequenceIntroducer))
        {
            return 0;
        }

        if (text[0] != Escape)
        {
            return MeasureControl(text, ControlSequenceIntroducer.Length);
        }

        return text.Length == 1 ? -1 : text[1] switch
        {
            (byte)'[' => MeasureControl(text, 2),
            (byte)']' or (byte)'P' or (byte)'X' or (byte)'^' or (byte)'_' => MeasureString(text),
            _ => MeasureEscape(text),
        };
    }

    private static int MeasureControl(ReadOnlySpan<byte> text, int position)
    {
        position = SkipRange(text, position, 0x30, 0x3F);
        position = SkipRange(text, position, 0x20, 0x2F);
        return position == text.Length ? -1 : text[position] is >= 0x40 and <= 0x7E ? position + 1 : 0;
    }

    private static int MeasureEscape(ReadOnlySpan<byte> text)
    {
        int position = SkipRange(text, 1, 0x20, 0x2F);
        return position == text.Length ? -1 : text[position] is >= 0x30 and <= 0x7E ? position + 1 : 0;
    }

    private static int MeasureString(ReadOnlySpan<byte> text)
    {
        int position = 2;
        while (position < text.Length && text[position] is >= 0x20 or (>= 0x08 and <= 0x0D))
        {
            position++;
        }

        return position == text.Length ? -1
            : text[position] == Bell ? position + 1
            : text[position] != Escape ? 0
            : position + 1 == text.Length ? -1
            : text[position + 1] == '\\' ? position + 2 : 0;
    }

    private static int SkipRange(ReadOnlySpan<byte> text, int position, byte first, byte last)
    {
        while (position < text.Length && text[position] >= first && text[position] <= last)
        {
            position++;
        }

        return position;
    }
}
