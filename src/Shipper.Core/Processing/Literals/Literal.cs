using System.Runtime.CompilerServices;

namespace Shipper.Processing.Literals;

/// <summary>A text that a <see cref="LiteralSet"/> finds.</summary>
internal readonly record struct Literal
{
    private readonly byte _firstMask;

    /// <param name="text">The text in UTF-8; at least one byte.</param>
    /// <param name="ignoreCase">True if the case of ASCII letters makes no difference.</param>
    public Literal(ReadOnlySpan<byte> text, bool ignoreCase)
    {
        byte[] folded = text.ToArray();
        if (ignoreCase)
        {
            for (int i = 0; i < folded.Length; i++)
            {
                folded[i] = Fold(folded[i]);
            }
        }

        // The bit by which the two cases of a letter differ.
        _firstMask = (byte)(ignoreCase && folded.Length > 0 && folded[0] is >= (byte)'a' and <= (byte)'z' ? 0x20 : 0);
        Text = folded;
        IgnoreCase = ignoreCase;
    }

    /// <summary>The text; in lower case if the case makes no difference.</summary>
    public byte[] Text { get; }

    /// <summary>True if the case of ASCII letters makes no difference.</summary>
    public bool IgnoreCase { get; }

    /// <summary>Index of the literal in the list.</summary>
    public int Number { get; init; }

    /// <summary>Index of the literal's fingerprint in it.</summary>
    public int Offset { get; init; }

    /// <summary>Returns true if the first byte of the literal is in a text at an index, which may be outside of the text.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool MayBeAt(ReadOnlySpan<byte> text, int index) => (uint)index < (uint)text.Length && (byte)(text[index] | _firstMask) == Text[0];

    /// <summary>Returns true if the literal is in a text at an index, which may be outside of the text.</summary>
    public bool IsAt(ReadOnlySpan<byte> text, int index)
    {
        byte[] literal = Text;
        if (index < 0 || literal.Length > text.Length - index)
        {
            return false;
        }

        for (int i = 0; i < literal.Length; i++)
        {
            byte value = text[index + i];
            if (value != literal[i] && !(IgnoreCase && Fold(value) == literal[i]))
            {
                return false;
            }
        }

        return true;
    }

    private static byte Fold(byte value) => value is >= (byte)'A' and <= (byte)'Z' ? (byte)(value | 0x20) : value;
}
