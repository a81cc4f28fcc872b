using Shipper.Records;

namespace Shipper.Processing;

/// <summary>The lines that a container has begun and not ended, at most one on each output.</summary>
/// <remarks>Not safe for concurrent use. A lane has one.</remarks>
/// <param name="capacity">Bytes kept of each: the largest line size of any source.</param>
internal sealed class OpenLines(int capacity)
{
    private readonly OpenLine _stdout = new(capacity);
    private readonly OpenLine _stderr = new(capacity);

    public OpenLine this[LogOutput output] => output == LogOutput.Stdout ? _stdout : _stderr;

    /// <summary>True where a line is open.</summary>
    public bool HasAny => _stdout.IsOpen || _stderr.IsOpen;

    /// <summary>The output of an open line; only where there is one.</summary>
    public LogOutput First => _stdout.IsOpen ? LogOutput.Stdout : LogOutput.Stderr;

    /// <summary>Finds a line that waited long enough for its end, as <see cref="OpenLine.IsExpired"/> tells.</summary>
    public LogOutput? FindExpired(long timestampNs, long offset) =>
        _stdout.IsExpired(timestampNs, offset) ? LogOutput.Stdout
        : _stderr.IsExpired(timestampNs, offset) ? LogOutput.Stderr
        : null;

    /// <summary>Forgets them.</summary>
    public void Close()
    {
        _stdout.Close();
        _stderr.Close();
    }
}
