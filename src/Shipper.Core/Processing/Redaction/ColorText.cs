using System.Runtime.CompilerServices;
using System.Text;
using Shipper.Processing.Ansi;

namespace Shipper.Processing.Redaction;

/// <summary>The colors that loggers for terminals put around keys and values: <c>ESC[36m</c>, also as a string of JSON has it.</summary>
internal static class ColorText
{
    private const int MaxColors = 4;
    private const int MaxBytes = 20;

    private static ReadOnlySpan<byte> JsonEscape => "\\u001b"u8;

    /// <summary>Skips a few colors.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Skip(ReadOnlySpan<byte> text, ref int index)
    {
        if (text.At(index) is AnsiText.Escape or (byte)'\\')
        {
            SkipAll(text, ref index);
        }
    }

    private static void SkipAll(ReadOnlySpan<byte> text, ref int index)
    {
        for (int i = 0; i < MaxColors && TryRead(text, index, out int end); i++)
        {
            index = end;
        }
    }

    private static bool TryRead(ReadOnlySpan<byte> text, int index, out int end)
    {
        end = index;
        byte first = text.At(index);
        int escape = first == AnsiText.Escape ? 1
            : first == (byte)'\\' && text.Length - index > JsonEscape.Length
                && Ascii.EqualsIgnoreCase(text.Slice(index, JsonEscape.Length), JsonEscape) ? JsonEscape.Length
            : 0;
        if (escape == 0 || text.At(index + escape) != (byte)'[')
        {
            return false;
        }

        for (end = index + escape + 1; end - index < MaxBytes && (AsciiByte.IsDigit(text.At(end)) || text.At(end) == (byte)';');)
        {
            end++;
        }

        return text.At(end++) == (byte)'m';
    }
}
