using System.Runtime.CompilerServices;

namespace Shipper.Processing.Fields;

/// <summary>
/// Walks the members of a JSON object (RFC 8259) in the order of the text, without building a document. A nested object is skipped unless <see cref="Enter"/>
/// is called; arrays are always skipped.
/// </summary>
/// <remarks>
/// Takes any bytes, in linear time, and allocates nothing. It stops at the first syntax error, at the end of an incomplete text, and at a depth of more than
/// <see cref="MaxDepth"/>; the members before that place are found. Text behind the object is ignored. It is more tolerant than the RFC: strings may contain
/// control characters and invalid UTF-8, numbers are checked only for their characters and may be NaN or Infinity (as Python writes them), and in what is
/// skipped only strings and brackets are checked.
/// </remarks>
internal ref struct JsonScanner
{
    /// <summary>Largest number of objects and arrays within each other.</summary>
    public const int MaxDepth = 32;

    private readonly ReadOnlySpan<byte> _text;
    private QuoteFinder _quotes;
    private State _state;
    private int _position;
    private int _keyStart;
    private int _keyEnd;
    private int _valueEnd;

    /// <param name="text">The text; white space may precede the object. If it does not begin with an object, there are no members.</param>
    public JsonScanner(ReadOnlySpan<byte> text)
    {
        _text = text;
        _quotes = new QuoteFinder(text);
        _position = SkipWhitespace(text, 0);
        if (_position < text.Length && text[_position] == '{')
        {
            _position++;
            Depth = 1;
            _state = State.BeforeFirst;
        }
    }

    private enum State : byte
    {
        Ended,
        BeforeFirst,
        AfterValue,
        AtContainer,
    }

    /// <summary>Depth of the member: 1 in the outermost object.</summary>
    public int Depth { get; private set; }

    /// <summary>True once the end of the outermost object has been reached without an error.</summary>
    public bool IsComplete { get; private set; }

    /// <summary>The key without its quotes; escapes are kept.</summary>
    public readonly ReadOnlySpan<byte> Key => _text[_keyStart.._keyEnd];

    /// <summary>True if the key has escapes.</summary>
    public bool IsKeyEscaped { get; private set; }

    /// <summary>The kind of the value.</summary>
    public JsonKind Kind { get; private set; }

    /// <summary>Index of the value in the text: behind the quote of a string.</summary>
    public int ValueStart { get; private set; }

    /// <summary>The value as in the text, but a string without its quotes. Empty for an object or array, until <see cref="Skip"/> has been called.</summary>
    public readonly ReadOnlySpan<byte> Value => _text[ValueStart.._valueEnd];

    /// <summary>True if the value is a string with escapes: see <see cref="JsonText.Unescape"/>.</summary>
    public bool IsValueEscaped { get; private set; }

    /// <summary>Moves to the next member.</summary>
    /// <returns>False if there is none.</returns>
    public bool Read()
    {
        if (_state == State.AtContainer)
        {
            Skip();
        }

        ReadOnlySpan<byte> text = _text;
        int comma = _position;
        if (_state == State.AfterValue && comma + 1 < text.Length && text[comma] == ',' && text[comma + 1] == '"')
        {
            // The usual case: no white space between members.
            return ReadMember(text, comma + 2) || End();
        }

        while (_state != State.Ended)
        {
            int position = SkipWhitespace(text, _position);
            if (position < text.Length && text[position] == '}')
            {
                _position = position + 1;
                _state = --Depth > 0 ? State.AfterValue : State.Ended;
                IsComplete = Depth == 0;
                continue;
            }

            if (_state == State.AfterValue)
            {
                if (position >= text.Length || text[position] != ',')
                {
                    break;
                }

                position = SkipWhitespace(text, position + 1);
            }

            if (position < text.Length && text[position] == '"' && ReadMember(text, position + 1))
            {
                return true;
            }

            break;
        }

        return End();
    }

    /// <summary>Makes the members of the object that is the current value the next ones. Does nothing if the value is not an object, or was skipped.</summary>
    public void Enter()
    {
        if (_state == State.AtContainer && Kind == JsonKind.Object)
        {
            _state = Depth == MaxDepth ? State.Ended : State.BeforeFirst;
            _position++;
            Depth++;
        }
    }

    /// <summary>Skips the object or array that is the current value, so that <see cref="Value"/> is its text. Does nothing with another value.</summary>
    /// <returns>False if the object or array has no end.</returns>
    public bool Skip()
    {
        if (_state == State.AtContainer)
        {
            int end = FindContainerEnd();
            _state = end < 0 ? State.Ended : State.AfterValue;
            _position = end;
            _valueEnd = Math.Max(end, ValueStart);
        }

        return _state != State.Ended;
    }

    /// <summary>Compares the key with a name.</summary>
    /// <param name="name">The name, in UTF-8 and without escapes.</param>
    public readonly bool KeyEquals(ReadOnlySpan<byte> name) => IsKeyEscaped ? JsonText.Equals(Key, name) : Key.SequenceEqual(name);

    private bool End()
    {
        _state = State.Ended;
        return false;
    }

    private bool ReadMember(ReadOnlySpan<byte> text, int start)
    {
        int end = _quotes.FindEnd(start, out bool isKeyEscaped);
        if (end < 0)
        {
            return false;
        }

        int position = SkipWhitespace(text, end + 1);
        if (position >= text.Length || text[position] != ':')
        {
            return false;
        }

        position = SkipWhitespace(text, position + 1);
        if (position >= text.Length)
        {
            return false;
        }

        _keyStart = start;
        _keyEnd = end;
        IsKeyEscaped = isKeyEscaped;
        return text[position] == '"' ? ReadString(position + 1) : ReadOther(text, position);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool ReadString(int start)
    {
        int end = _quotes.FindEnd(start, out bool isValueEscaped);
        if (end < 0)
        {
            return false;
        }

        Kind = JsonKind.String;
        ValueStart = start;
        _valueEnd = end;
        IsValueEscaped = isValueEscaped;
        _position = end + 1;
        _state = State.AfterValue;
        return true;
    }

    private bool ReadOther(ReadOnlySpan<byte> text, int start)
    {
        ValueStart = start;
        IsValueEscaped = false;
        if (text[start] is (byte)'{' or (byte)'[')
        {
            Kind = text[start] == '{' ? JsonKind.Object : JsonKind.Array;
            _valueEnd = start;
            _position = start;
            _state = State.AtContainer;
            return true;
        }

        (Kind, int length) = JsonScalar.Read(text[start..]);
        _valueEnd = start + length;
        _position = _valueEnd;
        _state = State.AfterValue;
        return length > 0;
    }

    /// <summary>Finds the end of the object or array at the current position.</summary>
    /// <returns>The index behind it; -1 if it has no end.</returns>
    private int FindContainerEnd()
    {
        ReadOnlySpan<byte> text = _text;
        int depth = Depth;

        // A bit for each open bracket, the innermost lowest: 1 for an array.
        ulong isArray = 0;
        for (int position = _position; position < text.Length; position++)
        {
            switch (text[position])
            {
                case (byte)'"':
                    position = _quotes.FindEnd(position + 1, out _);
                    if (position < 0)
                    {
                        return -1;
                    }

                    break;
                case (byte)'{' or (byte)'[':
                    if (++depth > MaxDepth)
                    {
                        return -1;
                    }

                    isArray = (isArray << 1) | (text[position] == '[' ? 1u : 0u);
                    break;
                case (byte)'}' or (byte)']':
                    if ((isArray & 1) != (text[position] == ']' ? 1u : 0u))
                    {
                        return -1;
                    }

                    isArray >>= 1;
                    if (--depth == Depth)
                    {
                        return position + 1;
                    }

                    break;
            }
        }

        return -1;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int SkipWhitespace(ReadOnlySpan<byte> text, int position)
    {
        while (position < text.Length)
        {
            byte value = text[position];
            if (value > ' ' || value is not ((byte)' ' or (byte)'\n' or (byte)'\r' or (byte)'\t'))
            {
                break;
            }

            position++;
        }

        return position;
    }
}
