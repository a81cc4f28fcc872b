using System.Buffers;
using System.IO.Pipelines;

namespace Shipper.Kubernetes.Api;

/// <summary>Reads the lines of a watch. A line that is too long is skipped and counted, without being buffered as a whole.</summary>
/// <remarks>Not thread-safe. The creator of the pipe reader completes it.</remarks>
/// <param name="reader">The body of the response.</param>
/// <param name="maxLineBytes">Maximum length of a line in bytes.</param>
internal sealed class LineReader(PipeReader reader, int maxLineBytes)
{
    private SequencePosition? _consumed;
    private long _scanned;
    private bool _isSkipping;

    /// <summary>The current line without its newline; valid until the next call of <see cref="MoveNextAsync"/>.</summary>
    public ReadOnlySequence<byte> Line { get; private set; }

    /// <summary>Number of lines that were too long.</summary>
    public int TooLongCount { get; private set; }

    /// <summary>Moves to the next line. A last line without a newline was cut off and is ignored.</summary>
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
                TooLongCount++;
            }

            _scanned = _isSkipping ? 0 : buffer.Length;
            reader.AdvanceTo(_isSkipping ? buffer.End : buffer.Start, buffer.End);
        }
    }
}
