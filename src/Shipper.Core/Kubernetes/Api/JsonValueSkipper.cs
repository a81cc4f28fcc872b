using System.Buffers;

namespace Shipper.Kubernetes.Api;

/// <summary>Finds the end of a JSON value (RFC 8259) that is too long to keep, without buffering it.</summary>
/// <remarks>Not thread-safe. It looks only at strings and brackets, and does not validate the rest.</remarks>
internal sealed class JsonValueSkipper
{
    private int _depth;
    private bool _hasBegun;
    private bool _isInString;
    private bool _isEscaped;

    /// <summary>True once the end has been found.</summary>
    public bool HasEnded { get; private set; }

    /// <summary>Skips to the value's end, or to the end of the buffer.</summary>
    /// <param name="buffer">The bytes that follow the part already skipped.</param>
    /// <returns>The first byte that was not skipped.</returns>
    public SequencePosition Skip(ReadOnlySequence<byte> buffer)
    {
        long skipped = 0;
        foreach (ReadOnlyMemory<byte> segment in buffer)
        {
            foreach (byte value in segment.Span)
            {
                skipped++;
                Process(value);
                if (HasEnded)
                {
                    return buffer.GetPosition(skipped);
                }
            }
        }

        return buffer.End;
    }

    private void Process(byte value)
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
