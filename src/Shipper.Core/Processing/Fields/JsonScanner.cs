using System.Buffers;
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

    private static readonly SearchValues<byte> QuotesAndBrackets = SearchValues.Create("\"{}[]"u8);

    private readonly ReadOnlySpan<byte> _text;
    private State _state;
    private int _position;
    private int _keyStart;
    private int _keyEnd;
    private int _valueEnd;

    /// <param name="text">The text; white space may precede the object. If it does not begin with an object, there are no members.</param>
    public JsonScanner(ReadOnlySpan<byte> text)
    {
        _text = text;
        _position = SkipWhitespace(0);
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

        while (_state != State.Ended)
        {
            int position = SkipWhitespace(_position);
            if (position < _text.Length && _text[position] == '}')
            {
                _position = position + 1;
                _state = State.AfterValue;
                if (--Depth == 0)
                {
                    IsComplete = true;
                    _state = State.Ended;
                }

                continue;
            }

            if (_state == State.AfterValue)
            {
                if (position >= _text.Length || _text[position] != ',')
                {
                    break;
                }

                position = SkipWhitespace(position + 1);
            }

            if (position < _text.Length && _text[position] == '"' && ReadMember(position + 1))
            {
                return true;
            }

            break;
        }

        _state = State.Ended;
        return false;
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

    /// <summary>Skips the object or array that is the current value, so that <see cref="Value"/> is its text. Does nothing if the value is another one.</summary>
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

    private bool ReadMember(int start)
    {
        int end = JsonText.FindEnd(_text, start, out bool isKeyEscaped);
        if (end < 0)
        {
            return false;
        }

        int position = SkipWhitespace(end + 1);
        if (position >= _text.Length || _text[position] != ':')
        {
            return false;
        }

        position = SkipWhitespace(position + 1);
        if (position >= _text.Length)
        {
            return false;
        }

        _keyStart = start;
        _keyEnd = end;
        IsKeyEscaped = isKeyEscaped;
        return ReadValue(position);
    }

    private bool ReadValue(int start)
    {
        byte first = _text[start];
        IsValueEscaped = false;
        ValueStart = start;
        _position = start;
        _valueEnd = start;
        switch (first)
        {
            case (byte)'"':
                int end = JsonText.FindEnd(_text, start + 1, out bool isValueEscaped);
                if (end < 0)
                {
                    return false;
                }

                ValueStart = start + 1;
                _valueEnd = end;
                IsValueEscaped = isValueEscaped;
                Kind = JsonKind.String;
                _position = end + 1;
                _state = State.AfterValue;
                return true;
            case (byte)'{' or (byte)'[':
                Kind = first == '{' ? JsonKind.Object : JsonKind.Array;
                _state = State.AtContainer;
                return true;
            default:
                (Kind, int length) = JsonScalar.Read(_text[start..]);
                _position += length;
                _valueEnd = _position;
                _state = State.AfterValue;
                return length > 0;
        }
    }

    /// <summary>Finds the end of the object or array at the current position.</summary>
    /// <returns>The index behind it; -1 if it has no end.</returns>
    private readonly int FindContainerEnd()
    {
        int position = _position;
        int depth = Depth;

        // A bit for each open bracket, the innermost lowest: 1 for an array.
        ulong isArray = 0;
        do
        {
            int length = _text[position..].IndexOfAny(QuotesAndBrackets);
            if (length < 0)
            {
                return -1;
            }

            position += length;
            byte found = _text[position++];
            if (found == '"')
            {
                position = JsonText.FindEnd(_text, position, out _) + 1;
                if (position == 0)
                {
                    return -1;
                }
            }
            else if (found is (byte)'{' or (byte)'[')
            {
                if (++depth > MaxDepth)
                {
                    return -1;
                }

                isArray = (isArray << 1) | (found == '[' ? 1u : 0u);
            }
            else
            {
                if ((isArray & 1) != (found == ']' ? 1u : 0u))
                {
                    return -1;
                }

                isArray >>= 1;
                depth--;
            }
        }
        while (depth > Depth);

        return position;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private readonly int SkipWhitespace(int position)
    {
        while (position < _text.Length && _text[position] is (byte)' ' or (byte)'\n' or (byte)'\r' or (byte)'\t')
        {
            position++;
        }

        return position;
    }
}
