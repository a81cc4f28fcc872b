using System.Text;

namespace Shipper.Processing.Redaction;

/// <summary>
/// A text from which something is removed, in one or several passes. Each pass reads <see cref="Text"/> from its beginning to its end, and replaces parts of it
/// in this order. The text changes when the pass ends.
/// </summary>
internal ref struct RedactText
{
    private readonly StageContext? _context;
    private readonly bool _isUnsent;
    private Span<byte> _next;
    private Span<byte> _other;
    private Span<byte> _target;
    private bool _isChanged;
    private int _written;
    private long _total;
    private RedactName? _last;

    /// <summary>Begins with a line; the buffers of the context hold its changed text.</summary>
    /// <param name="text">The line, or its beginning.</param>
    /// <param name="length">Length of the whole line in bytes.</param>
    public RedactText(ReadOnlySpan<byte> text, long length, StageContext context)
    {
        Text = text;
        Length = length;
        _context = context;
    }

    /// <summary>Begins with another text.</summary>
    /// <param name="first">Holds the changed text, in turns with <paramref name="second"/>.</param>
    public RedactText(ReadOnlySpan<byte> text, Span<byte> first, Span<byte> second, StageContext? context)
    {
        Text = text;
        Length = text.Length;
        _context = context;
        _next = first;
        _other = second;
    }

    /// <summary>Begins with a record that is not sent: nothing is written.</summary>
    /// <param name="text">The record, or its beginning.</param>
    /// <param name="length">Length of the whole record in bytes.</param>
    public RedactText(ReadOnlySpan<byte> text, long length)
    {
        Text = text;
        Length = length;
        _isUnsent = true;
    }

    /// <summary>The text, or as much of its beginning as is known.</summary>
    public ReadOnlySpan<byte> Text { get; private set; }

    /// <summary>Length of the whole text in bytes.</summary>
    public long Length { get; private set; }

    /// <summary>End of the last part that this pass has replaced.</summary>
    public int Taken { get; private set; }

    /// <summary>True if the text continues beyond <see cref="Text"/>, so that something at its end may be the beginning of a secret.</summary>
    public readonly bool IsCut => Length > Text.Length;

    /// <summary>The kinds that were replaced, as <see cref="RedactName.Bit"/>.</summary>
    public ulong Found { get; private set; }

    /// <summary>True if a pass that has ended changed the text.</summary>
    public readonly bool IsChanged => Changes > 0;

    /// <summary>Number of passes that have ended and changed the text.</summary>
    public int Changes { get; private set; }

    /// <summary>Replaces a part of the text. Bytes that an earlier call has replaced stay replaced.</summary>
    /// <param name="start">Index of the first byte to replace.</param>
    /// <param name="end">Index after the last byte to replace.</param>
    /// <param name="quote">A part of the text to add before and after the marker.</param>
    public void Replace(int start, int end, RedactName name, (int Start, int Length) quote = default)
    {
        start = Math.Max(start, Taken);
        if (end <= start)
        {
            return;
        }

        if (_isUnsent)
        {
            Taken = end;
            return;
        }

        if (!_isChanged)
        {
            _isChanged = true;
            _target = NextTarget();
        }

        if (start == Taken && Taken > 0 && name == RedactName.PrivateKey && _last == name)
        {
            // The lines of a key are removed together.
            Taken = end;
            return;
        }

        _last = name;
        Write(Text[Taken..start]);
        Write(Text.Slice(quote.Start, quote.Length));
        Write(name.Marker);
        Write(Text.Slice(quote.Start, quote.Length));
        Taken = end;
        Found |= name.Bit;
    }

    /// <summary>Ends a pass: <see cref="Text"/> becomes the changed text, or as much of its beginning as the buffer can hold.</summary>
    public void EndPass()
    {
        if (_isChanged)
        {
            Write(Text[Taken..]);
            Length += _total - Text.Length;
            Text = _target[.._written];
            Changes++;
        }

        _isChanged = false;
        _written = 0;
        _total = 0;
        Taken = 0;
        _last = null;
    }

    /// <summary>Decodes the text for a regex.</summary>
    /// <returns>Characters that the caller may change; valid until the next call.</returns>
    public readonly Span<char> Decode() => _context is null ? Encoding.UTF8.GetString(Text).ToCharArray() : _context.Decode(Text);

    private Span<byte> NextTarget()
    {
        if (_next.IsEmpty)
        {
            return _context!.NextLine();
        }

        Span<byte> target = _next;
        _next = _other;
        _other = target;
        return target;
    }

    private void Write(ReadOnlySpan<byte> bytes)
    {
        _total += bytes.Length;
        ReadOnlySpan<byte> fitting = bytes[..Math.Min(bytes.Length, _target.Length - _written)];
        fitting.CopyTo(_target[_written..]);
        _written += fitting.Length;
    }
}
