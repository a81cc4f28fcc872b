using Shipper.Processing.Ansi;

namespace Shipper.Processing.Fields;

/// <summary>
/// Walks the pairs <c>key=value</c> of a line in logfmt, in the order of the text:
/// <code>
/// line  = { white space | word | pair }
/// pair  = key "=" (value | '"' {character | escape} '"')
/// </code>
/// Source: github.com/go-logfmt/logfmt and Loki's pkg/logql/log/logfmt. More tolerant: a value without quotes may contain <c>=</c> and <c>"</c>, words are
/// skipped, and so is a text in quotes with all that looks like a pair in it. Escape sequences around keys and values (colors) are not part of them.
/// </summary>
/// <remarks>Takes any bytes, in linear time, and allocates nothing. It stops at a quoted text that has no end.</remarks>
/// <param name="text">The line.</param>
internal ref struct LogfmtScanner(ReadOnlySpan<byte> text)
{
    private const byte LastSeparator = (byte)' ';

    private readonly ReadOnlySpan<byte> _text = text;
    private readonly bool _hasSequences = text.Contains(AnsiText.Escape);

    // Where keys may begin at the earliest: behind the last pair.
    private int _floor;
    private int _keyStart;
    private int _keyEnd;
    private int _valueEnd;

    /// <summary>The key.</summary>
    public readonly ReadOnlySpan<byte> Key => _text[_keyStart.._keyEnd];

    /// <summary>The value without its quotes; escapes are kept. It may be empty.</summary>
    public readonly ReadOnlySpan<byte> Value => _text[ValueStart.._valueEnd];

    /// <summary>Index of the value in the text: behind a quote.</summary>
    public int ValueStart { get; private set; }

    /// <summary>True if the value has escapes: see <see cref="JsonText.Unescape"/>.</summary>
    public bool IsValueEscaped { get; private set; }

    /// <summary>Moves to the next pair.</summary>
    /// <returns>False if there is none.</returns>
    public bool Read()
    {
        int position = _floor;
        while (true)
        {
            int length = _text[position..].IndexOfAny((byte)'=', (byte)'"');
            if (length < 0)
            {
                _floor = _text.Length;
                return false;
            }

            position += length;
            if (_text[position] == '=')
            {
                if (ReadKey(position))
                {
                    return ReadValue(position + 1);
                }

                position++;
                _floor = position;
            }
            else if (position > _floor && _text[position - 1] > LastSeparator)
            {
                // A quote within a word.
                position++;
            }
            else
            {
                position = JsonText.FindEnd(_text, position + 1, out _) + 1;
                _floor = position > 0 ? position : _text.Length;
                position = _floor;
            }
        }
    }

    private bool ReadKey(int end)
    {
        int start = end;
        while (start > _floor && (_text[start - 1] > LastSeparator || _text[start - 1] == AnsiText.Escape))
        {
            start--;
        }

        if (_hasSequences)
        {
            start += AnsiText.Skip(_text[start..end]);
            int sequence = _text[start..end].IndexOf(AnsiText.Escape);
            end = sequence < 0 ? end : start + sequence;
        }

        _keyStart = start;
        _keyEnd = end;
        return start < end;
    }

    private bool ReadValue(int start)
    {
        start += _hasSequences ? AnsiText.Skip(_text[start..]) : 0;
        IsValueEscaped = false;
        if (start < _text.Length && _text[start] == '"')
        {
            int quote = JsonText.FindEnd(_text, start + 1, out bool isEscaped);
            ValueStart = start + 1;
            _valueEnd = Math.Max(quote, ValueStart);
            _floor = quote < 0 ? _text.Length : quote + 1;
            IsValueEscaped = isEscaped;
            return quote >= 0;
        }

        // ESC is a control character, so a sequence ends the value.
        int length = _text[start..].IndexOfAnyInRange((byte)0, LastSeparator);
        ValueStart = start;
        _valueEnd = length < 0 ? _text.Length : start + length;
        _floor = _valueEnd;
        return true;
    }
}
