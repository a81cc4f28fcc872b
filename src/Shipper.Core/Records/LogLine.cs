namespace Shipper.Records;

/// <summary>
/// One line of a container's log file, taken apart. A view of the read buffer: valid until the next line is read.
/// </summary>
/// <param name="timestampNs">When the runtime read the text, in nanoseconds since 1970.</param>
/// <param name="output">The output it was written to.</param>
/// <param name="isPartial">True where the text goes on in a later line of the same output.</param>
/// <param name="content">The text, without the newline.</param>
internal readonly ref struct LogLine(long timestampNs, LogOutput output, bool isPartial, ReadOnlySpan<byte> content)
{
    public long TimestampNs { get; } = timestampNs;

    public LogOutput Output { get; } = output;

    public bool IsPartial { get; } = isPartial;

    public ReadOnlySpan<byte> Content { get; } = content;
}
