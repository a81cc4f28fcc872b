namespace Shipper.Records;

/// <summary>
/// A record on its way from a source into a batch, as seen by the stages between reading and batching. Lives on the stack, and its line is a view of a buffer
/// that the next read overwrites.
/// </summary>
/// <param name="timestampNs">The record's own time, in nanoseconds since 1970.</param>
/// <param name="metadata">The structured metadata, encoded.</param>
/// <param name="line">Valid UTF-8 without a newline, no longer than the stream's maximum line size.</param>
/// <param name="truncatedBytes">Number of bytes of the original that are missing at the end of <paramref name="line"/>; 0 if it is complete.</param>
internal readonly ref struct LogRecord(long timestampNs, ReadOnlySpan<byte> metadata, ReadOnlySpan<byte> line, long truncatedBytes)
{
    public long TimestampNs { get; } = timestampNs;

    public ReadOnlySpan<byte> Metadata { get; } = metadata;

    public ReadOnlySpan<byte> Line { get; } = line;

    public long TruncatedBytes { get; } = truncatedBytes;
}
