namespace Shipper.Processing.Rules.Probes;

/// <summary>Walks the words of a text. Between them are white space, quotes, bars and escape sequences (colors).</summary>
/// <param name="text">The text.</param>
/// <param name="position">Index at which the words begin.</param>
internal ref struct TextWords(ReadOnlySpan<byte> text, int position)
{
    public const byte Escape = 0x1B;

    private readonly ReadOnlySpan<byte> _text = text;

    /// <summary>Index behind the word.</summary>
    public int Position { get; private set; } = position;

    /// <summary>The word.</summary>
    public ReadOnlySpan<byte> Word { get; private set; }

    public static bool IsSeparator(byte value) => value is (byte)' ' or (byte)'\t' or (byte)'"' or (byte)'\'' or (byte)'|' or (byte)'\\' or Escape;

    /// <summary>Moves to the next word.</summary>
    /// <returns>False if there is none.</returns>
    public bool Read()
    {
        while (Position < _text.Length && IsSeparator(_text[Position]))
        {
            Position += _text[Position] == Escape ? MeasureSequence(_text[Position..]) : 1;
        }

        int start = Position;
        while (Position < _text.Length && !IsSeparator(_text[Position]))
        {
            Position++;
        }

        Word = _text[start..Position];
        return !Word.IsEmpty;
    }

    /// <summary>Skips the text in front of another text.</summary>
    /// <returns>False if the text does not occur any more.</returns>
    public bool SkipTo(ReadOnlySpan<byte> text)
    {
        int length = _text[Position..].IndexOf(text);
        Position += Math.Max(0, length);
        return length >= 0;
    }

    /// <summary>Returns the length of <c>ESC [ parameters letter</c>; of anything else, only that of the escape.</summary>
    private static int MeasureSequence(ReadOnlySpan<byte> text)
    {
        int length = text.StartsWith("\e["u8) ? text[2..].IndexOfAnyExceptInRange((byte)'0', (byte)';') : -1;
        return length < 0 ? 1 : Math.Min(text.Length, 2 + length + 1);
    }
}
