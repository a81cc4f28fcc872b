using System.Runtime.CompilerServices;

namespace Shipper.Processing;

/// <summary>Classes of ASCII bytes. They are inlined, because stages test nearly every byte that they pass.</summary>
internal static class AsciiByte
{
    /// <summary>The bit in which letters of lower and upper case differ.</summary>
    public const byte CaseBit = 0x20;

    /// <summary>Returns true for 0 to 9.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool IsDigit(byte b) => (uint)(b - '0') <= 9;

    /// <summary>Returns true for A to Z and a to z.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool IsLetter(byte b) => (uint)((b | CaseBit) - 'a') < 26;

    /// <summary>Returns true for a to z.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool IsLower(byte b) => (uint)(b - 'a') < 26;

    /// <summary>Returns true for A to Z.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool IsUpper(byte b) => (uint)(b - 'A') < 26;

    /// <summary>Returns true for a space and a tab.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool IsBlank(byte b) => b is (byte)' ' or (byte)'\t';

    /// <summary>Returns true for a space, a tab and the ends of a line.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool IsWhiteSpace(byte b) => b == ' ' || (uint)(b - '\t') <= '\r' - '\t';

    /// <summary>Returns the length of the letters at the beginning of a text.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int CountLetters(ReadOnlySpan<byte> text)
    {
        int length = 0;
        while ((uint)length < (uint)text.Length && IsLetter(text[length]))
        {
            length++;
        }

        return length;
    }
}
