namespace Shipper.Processing.Literals;

/// <summary>A text that a <see cref="LiteralSet"/> finds.</summary>
internal readonly record struct Literal
{
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

    /// <summary>The fingerprint; set with <see cref="Offset"/>.</summary>
    public Fingerprint Fingerprint { get; init; }

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
