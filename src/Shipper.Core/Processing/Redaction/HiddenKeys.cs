using System.Runtime.CompilerServices;

namespace Shipper.Processing.Redaction;

/// <summary>
/// Looks for the beginning and the end of a private key in the part of a record that is not kept. If the key continues in the next record, its lines must be
/// removed there. Costs two searches for a literal, and only for bytes that are not kept.
/// </summary>
internal struct HiddenKeys
{
    private Carry _carry;
    private int _carried;

    private KeyMark _last;

    /// <summary>Which line around a key came last.</summary>
    public readonly KeyMark Last
    {
        get
        {
            ReadOnlySpan<byte> end = ((ReadOnlySpan<byte>)_carry)[.._carried];
            int begin = end.LastIndexOf(PrivateKeyText.BeginBytes);
            return begin >= 0 && PrivateKeyText.EndsInMarker(end, begin) ? KeyMark.PartOfBegin : _last;
        }
    }

    /// <summary>Begins a record.</summary>
    public void Clear()
    {
        _carried = 0;
        _last = KeyMark.None;
    }

    /// <summary>Combines with the result for a line of the record.</summary>
    public void Add(KeyMark mark)
    {
        if (mark != KeyMark.None)
        {
            // It came behind the text that was added last, so a marker that is cut there is none.
            _last = mark;
            _carried = 0;
        }
    }

    /// <summary>Adds text that is not kept, or that is in front of it.</summary>
    public void Add(ReadOnlySpan<byte> text)
    {
        Span<byte> carry = _carry;
        if (_carried > 0)
        {
            // A line may be split between two texts.
            Span<byte> seam = stackalloc byte[2 * PrivateKeyText.MaxMarkerBytes];
            carry[.._carried].CopyTo(seam);
            ReadOnlySpan<byte> first = text[..Math.Min(text.Length, seam.Length - _carried)];
            first.CopyTo(seam[_carried..]);
            int length = _carried + first.Length;
            Find(seam[..length]);
            if (text.Length < PrivateKeyText.MaxMarkerBytes)
            {
                _carried = Math.Min(length, PrivateKeyText.MaxMarkerBytes);
                seam[(length - _carried)..length].CopyTo(carry);
                return;
            }
        }

        Find(text);
        _carried = Math.Min(text.Length, PrivateKeyText.MaxMarkerBytes);
        text[^_carried..].CopyTo(carry);
    }

    private void Find(ReadOnlySpan<byte> text)
    {
        int begin = LastMarker(text, PrivateKeyText.BeginBytes);
        int end = LastMarker(text, PrivateKeyText.EndBytes);
        _last = begin < 0 && end < 0 ? _last : begin > end ? KeyMark.Begin : KeyMark.End;
    }

    private static int LastMarker(ReadOnlySpan<byte> text, ReadOnlySpan<byte> marker)
    {
        int last = -1;
        for (int from = 0, index; (index = text[from..].IndexOf(marker)) >= 0; from += index + marker.Length)
        {
            last = PrivateKeyText.TryReadLabel(text, from + index + marker.Length, out _) ? from + index : last;
        }

        return last;
    }

    [InlineArray(PrivateKeyText.MaxMarkerBytes)]
    private struct Carry
    {
        private byte _first;
    }
}
