using System.Buffers;

namespace Shipper.Kubernetes.Api;

/// <summary>Finds the end of a JSON value (RFC 8259) that is too long to be kept, without keeping any of it.</summary>
/// <remarks>Not safe for concurrent use. Looks at strings and brackets only, and does not check what is between them.</remarks>
internal sealed class LongValue
{
    private int _depth;
    private bool _hasBegun;
    private bool _isInString;
    private bool _isEscaped;

    /// <summary>True once the end was found.</summary>
    public bool HasEnded { get; private set; }

    /// <summary>Skips to the value's end, or to the end of the buffer.</summary>
    /// <param name="buffer">The bytes behind the part that was skipped before.</param>
    /// <returns>The first byte that was not skipped.</returns>
    public SequencePosition Skip(ReadOnlySequence<byte> buffer)
    {
        long skipped = 0;
        foreach (ReadOnlyMemory<byte> segment in buffer)
        {
            foreach (byte value in segment.Span)
            {
                skipped++;
                Take(value);
                if (HasEnded)
                {
                    return buffer.GetPosition(skipped);
                }
            }
        }

        return buffer.End;
    }

    private void Take(byte value)
    {
        if (_isEscaped)
        {
            _isEscaped = false;
        }
        else if (_isInString)
        {
            _isEscaped = value == '\\';
            _isInString = value != '"';
        }
        else
        {
            _isInString = value == '"';
            _depth += value is (byte)'{' or (byte)'[' ? 1 : value is (byte)'}' or (byte)']' ? -1 : 0;
        }

        _hasBegun |= _isInString || _depth > 0;
        HasEnded = _hasBegun && !_isInString && _depth == 0;
    }
}
