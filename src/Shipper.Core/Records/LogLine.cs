namespace Shipper.Records;

/// <summary>
/// One parsed line of a log file, or a piece of a line that is too long to be read in one piece. A view of the read buffer, valid until the next line is
/// read.
/// </summary>
/// <param name="timestampNs">When the runtime read the text, in nanoseconds since 1970.</param>
/// <param name="output">The output to which the text was written.</param>
/// <param name="isPartial">True if the text continues in a later line, or piece, of the same output.</param>
/// <param name="content">The text, without the newline.</param>
internal ref struct LogLine(long timestampNs, LogOutput output, bool isPartial, ReadOnlySpan<byte> content)
{
    public long TimestampNs { get; } = timestampNs;

    public LogOutput Output { get; } = output;

    public bool IsPartial { get; set; } = isPartial;

    public ReadOnlySpan<byte> Content { get; } = content;

    /// <summary>True if <see cref="Content"/> is known to be ASCII only.</summary>
    public bool IsAscii { get; set; }

    /// <summary>True if the runtime did not write the line correctly. Such a line has no header and never continues an earlier line.</summary>
    public bool IsTorn { get; init; }

    /// <summary>True for every piece of a line except the first one.</summary>
    public bool IsContinuation { get; init; }

    /// <summary>True for a piece of a line that was so long that its beginning has already become a record.</summary>
    public bool IsRemainder { get; init; }
}
