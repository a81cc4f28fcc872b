using System.Runtime.CompilerServices;

namespace Shipper.Processing.Fields;

/// <summary>Values of JSON that are not strings, objects or arrays.</summary>
internal static class JsonScalar
{
    /// <summary>Reads the value at the beginning of a text.</summary>
    /// <returns>Its kind and length in bytes. The length is 0 if there is no such value, or if the value may have been cut.</returns>
    public static (JsonKind Kind, int Length) Read(ReadOnlySpan<byte> text) => text[0] switch
    {
        (byte)'t' => (JsonKind.True, LengthOf(text, "true"u8)),
        (byte)'f' => (JsonKind.False, LengthOf(text, "false"u8)),
        (byte)'n' => (JsonKind.Null, LengthOf(text, "null"u8)),
        (byte)'N' => (JsonKind.Number, LengthOf(text, "NaN"u8)),
        (byte)'I' => (JsonKind.Number, LengthOf(text, "Infinity"u8)),
        (byte)'-' when text.StartsWith("-I"u8) => (JsonKind.Number, LengthOf(text, "-Infinity"u8)),
        _ => (JsonKind.Number, ReadNumber(text)),
    };

    private static int LengthOf(ReadOnlySpan<byte> text, ReadOnlySpan<byte> word) => text.StartsWith(word) ? word.Length : 0;

    private static int ReadNumber(ReadOnlySpan<byte> text)
    {
        int length = 0;
        while (length < text.Length && IsPartOfNumber(text[length]))
        {
            length++;
        }

        // At the end of the text, further digits may have been cut.
        return length < text.Length ? length : 0;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool IsPartOfNumber(byte value) =>
        char.IsAsciiDigit((char)value) || value is (byte)'-' or (byte)'+' or (byte)'.' or (byte)'e' or (byte)'E';
}
