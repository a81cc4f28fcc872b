using System.Buffers;
using System.Text;
using Shipper.Processing.Ansi;

namespace Shipper.Processing.Fields;

/// <summary>A key in a line of any format, which may be that of an id, and the place of its value.</summary>
internal readonly ref struct TraceKey
{
    // logging.googleapis.com/trace is the longest key.
    private const int MaxNameLength = 32;

    // A trace of Google Cloud has the name of a project.
    private const int MaxValueLength = 256;

    private static readonly SearchValues<byte> NameBytes = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-./"u8);
    private static readonly SearchValues<byte> ValueBytes = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-"u8);

    private readonly ReadOnlySpan<byte> _line;
    private readonly int _start;
    private readonly int _end;
    private readonly int _value;
    private readonly bool _isQuoted;

    private TraceKey(ReadOnlySpan<byte> line, int start, int end, int value, bool isQuoted)
    {
        _line = line;
        _start = start;
        _end = end;
        _value = value;
        _isQuoted = isQuoted;
    }

    private static ReadOnlySpan<byte> Whitespace => " \t\r\n"u8;

    /// <summary>True if the value is a JSON object.</summary>
    public bool HasObject => _isQuoted && _value < _line.Length && _line[_value] == '{';

    /// <summary>The value and all that follows it, if it is a JSON object.</summary>
    public ReadOnlySpan<byte> Object => _line[_value..];

    /// <summary>Reads the key around a place in a line.</summary>
    /// <param name="place">Index of a part of the key, without special characters.</param>
    /// <param name="length">Length of that part in bytes.</param>
    /// <param name="isJson">True if only a key in quotes counts.</param>
    /// <returns>False if the text there is not a key.</returns>
    public static bool TryRead(ReadOnlySpan<byte> line, int place, int length, bool isJson, out TraceKey key)
    {
        key = default;
        ReadOnlySpan<byte> before = line[Math.Max(0, place - MaxNameLength)..place];
        int start = place - before.Length + before.LastIndexOfAnyExcept(NameBytes) + 1;
        ReadOnlySpan<byte> behind = line[(place + length)..Math.Min(line.Length, place + MaxNameLength)];
        int more = behind.IndexOfAnyExcept(NameBytes);
        int end = place + length + (more < 0 ? behind.Length : more);
        if (start > 1 && line[start - 1] == '[' && line[start - 2] == AnsiText.Escape)
        {
            // The rest of a sequence, such as ESC[36m, is not part of the key.
            start = Math.Min(place, start - 2 + Math.Max(2, AnsiText.MeasureSequence(line[(start - 2)..])));
        }

        bool isQuoted = start > 0 && end < line.Length && line[start - 1] == line[end] && (line[end] == '"' || (line[end] == '\'' && !isJson));
        int separator = SkipBlank(line, isQuoted ? end + 1 : end);
        if ((isJson && !isQuoted) || separator >= line.Length || line[separator] is not ((byte)':' or (byte)'='))
        {
            return false;
        }

        key = new TraceKey(line, start, end, SkipBlank(line, separator + 1), isQuoted);
        return true;
    }

    /// <summary>Compares the key with a name in lower case. The case of the key does not matter.</summary>
    public bool Is(ReadOnlySpan<byte> name)
    {
        ReadOnlySpan<byte> key = _line[_start.._end];
        return key.Length == name.Length && (key.SequenceEqual(name) || Ascii.EqualsIgnoreCase(key, name));
    }

    /// <summary>Returns the JSON object whose first member has this key, and all that follows the object.</summary>
    /// <param name="name">The key of that object.</param>
    /// <returns>Empty if there is no such object.</returns>
    public ReadOnlySpan<byte> ParentObject(ReadOnlySpan<byte> name)
    {
        if (!_isQuoted)
        {
            return [];
        }

        ReadOnlySpan<byte> before = _line[..(_start - 1)].TrimEnd(Whitespace);
        int brace = before.Length - 1;
        if (brace < 0 || before[brace] != '{')
        {
            return [];
        }

        before = before[..brace].TrimEnd(Whitespace);
        before = before.EndsWith(":"u8) ? before[..^1].TrimEnd(Whitespace) : [];
        return before.EndsWith("\""u8) && before[..^1].EndsWith(name) && before[..^(name.Length + 1)].EndsWith("\""u8) ? _line[brace..] : [];
    }

    /// <summary>Reads the value: a text in quotes, also as the first element of an array (headers), or else letters, digits and hyphens.</summary>
    /// <param name="isCut">True if the line continues beyond its bytes.</param>
    /// <returns>Empty if there is no value, or if it may be incomplete.</returns>
    public ReadOnlySpan<byte> ReadValue(bool isCut)
    {
        ReadOnlySpan<byte> value = _line[_value..];
        if (_isQuoted && value.StartsWith("["u8))
        {
            value = value[1..].TrimStart(Whitespace);
        }

        if (!value.IsEmpty && value[0] is (byte)'"' or (byte)'\'')
        {
            byte quote = value[0];
            value = value.Slice(1, Math.Min(MaxValueLength, value.Length - 1));
            int end = value.IndexOf(quote);
            return end < 0 ? [] : value[..end];
        }

        int length = value[..Math.Min(MaxValueLength, value.Length)].IndexOfAnyExcept(ValueBytes);
        length = length < 0 ? Math.Min(MaxValueLength, value.Length) : length;
        return isCut && length == value.Length ? [] : value[..length];
    }

    private static int SkipBlank(ReadOnlySpan<byte> line, int position)
    {
        while (position < line.Length)
        {
            int length = line[position] is (byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n' ? 1 : AnsiText.MeasureSequence(line[position..]);
            if (length <= 0)
            {
                break;
            }

            position += length;
        }

        return position;
    }
}
