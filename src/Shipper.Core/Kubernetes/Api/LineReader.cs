using System.Buffers;
using System.IO.Pipelines;

namespace Shipper.Kubernetes.Api;

/// <summary>The lines of a watch. A line that is too long is skipped and counted, whatever its length.</summary>
/// <remarks>Not safe for concurrent use. Who made the reader completes it.</remarks>
/// <param name="reader">The body of the answer.</param>
/// <param name="maxLineBytes">Longest line that is kept together.</param>
internal sealed class LineReader(PipeReader reader, int maxLineBytes)
{
    private SequencePosition? _consumed;
    private long _scanned;
    private bool _isSkipping;

    /// <summary>The line, without its end; valid until the next move.</summary>
    public ReadOnlySequence<byte> Line { get; private set; }

    /// <summary>Lines that were too long.</summary>
    public int TooLong { get; private set; }

    /// <summary>Goes to the next line. A last one without an end was cut off, and is none.</summary>
    /// <returns>False at the end of the body.</returns>
    public async ValueTask<bool> MoveNextAsync(CancellationToken stopping)
    {
        if (_consumed is { } consumed)
        {
            reader.AdvanceTo(consumed);
            _consumed = null;
        }

        while (true)
        {
            ReadResult result = await reader.ReadAsync(stopping);
            ReadOnlySequence<byte> buffer = result.Buffer;
            if (buffer.Slice(_scanned).PositionOf((byte)'\n') is { } end)
            {
                bool isSkipped = _isSkipping;
                _isSkipping = false;
                _scanned = 0;
                SequencePosition next = buffer.GetPosition(1, end);
                if (!isSkipped)
                {
                    Line = buffer.Slice(0, end);
                    _consumed = next;
                    return true;
                }

                reader.AdvanceTo(next);
                continue;
            }

            if (result.IsCompleted)
            {
                reader.AdvanceTo(buffer.End);
                return false;
            }

            if (!_isSkipping && buffer.Length > maxLineBytes)
            {
                _isSkipping = true;
                TooLong++;
            }

            _scanned = _isSkipping ? 0 : buffer.Length;
            reader.AdvanceTo(_isSkipping ? buffer.End : buffer.Start, buffer.End);
        }
    }
}
