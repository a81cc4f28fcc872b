using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
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
/// <param name="hasSequences">False if the text is known to have no escape sequences.</param>
internal ref struct LogfmtScanner(ReadOnlySpan<byte> text, bool hasSequences)
{
    private const byte LastSeparator = (byte)' ';
    private const int BlockLength = TextBlock.Length;

    private readonly ReadOnlySpan<byte> _text = text;
    private readonly bool _hasSequences = hasSequences;

    // Index of the block of the text that was looked at last, and a bit for each = and quote in it, and for each separator, the first byte lowest. Pairs
    // are short: a search for the end of each takes twice as long.
    private int _block = -BlockLength;
    private ulong _marks;
    private ulong _separators;

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
            position = FindMark(position);
            if (position < 0)
            {
                _floor = _text.Length;
                return false;
            }

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

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool ReadKey(int end)
    {
        // The block is that of the = at the end.
        ulong before = _separators & ((1UL << end) - 1);
        int start = before == 0 || _hasSequences ? end : Math.Max(_floor, _block + BitOperations.Log2(before) + 1);
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

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
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
        ValueStart = start;
        _valueEnd = FindSeparator(start);
        _floor = _valueEnd;
        return true;
    }

    /// <summary>Returns the index of the next = or quote; -1 if there is none.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private int FindMark(int position)
    {
        while (position < _text.Length)
        {
            LoadBlockOf(position);

            // The shift is by the lowest six bits, which is the place in the block.
            ulong found = _marks >> position;
            if (found != 0)
            {
                return position + BitOperations.TrailingZeroCount(found);
            }

            position = _block + BlockLength;
        }

        return -1;
    }

    /// <summary>Returns the index of the next separator, or of the end of the text.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private int FindSeparator(int position)
    {
        while (position < _text.Length)
        {
            LoadBlockOf(position);
            ulong found = _separators >> position;
            if (found != 0)
            {
                return Math.Min(position + BitOperations.TrailingZeroCount(found), _text.Length);
            }

            position = _block + BlockLength;
        }

        return _text.Length;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void LoadBlockOf(int position)
    {
        if ((position & -BlockLength) != _block)
        {
            Load(position & -BlockLength);
        }
    }

    [SkipLocalsInit]
    private void Load(int block)
    {
        _block = block;
        Span<byte> scratch = stackalloc byte[BlockLength];
        scoped ReadOnlySpan<byte> text = TextBlock.Read(_text, block, scratch);
        (uint marks0, uint separators0) = Find(text);
        (uint marks1, uint separators1) = Find(text[16..]);
        (uint marks2, uint separators2) = Find(text[32..]);
        (uint marks3, uint separators3) = Find(text[48..]);
        _marks = marks0 | (marks1 << 16) | ((ulong)(marks2 | (marks3 << 16)) << 32);
        _separators = separators0 | (separators1 << 16) | ((ulong)(separators2 | (separators3 << 16)) << 32);
    }

    /// <summary>Returns a bit for each = and quote in the first 16 bytes, and for each separator.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (uint Marks, uint Separators) Find(ReadOnlySpan<byte> text)
    {
        Vector128<byte> bytes = Vector128.Create(text);
        Vector128<byte> marks = Vector128.Equals(bytes, Vector128.Create((byte)'=')) | Vector128.Equals(bytes, Vector128.Create((byte)'"'));
        Vector128<byte> separators = Vector128.Equals(Vector128.Min(bytes, Vector128.Create(LastSeparator)), bytes);
        return (marks.ExtractMostSignificantBits(), separators.ExtractMostSignificantBits());
    }
}
