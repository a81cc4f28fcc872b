namespace Shipper.Records;

/// <summary>
/// One line of a log file, taken apart, or a piece of one that is too long to be read at once. A view of the read buffer: valid until the next line is read.
/// </summary>
/// <param name="timestampNs">When the runtime read the text, in nanoseconds since 1970.</param>
/// <param name="output">The output it was written to.</param>
/// <param name="isPartial">True if the text goes on in a later line, or piece, of the same output.</param>
/// <param name="content">The text, without the newline.</param>
internal ref struct LogLine(long timestampNs, LogOutput output, bool isPartial, ReadOnlySpan<byte> content)
{
    public long TimestampNs { get; } = timestampNs;

    public LogOutput Output { get; } = output;

    public bool IsPartial { get; set; } = isPartial;

    public ReadOnlySpan<byte> Content { get; } = content;

    /// <summary>True if all of <see cref="Content"/> is known to be ASCII.</summary>
    public bool IsAscii { get; set; }

    /// <summary>True if the runtime did not write it as it should have: it has no header, and is never the rest of what came before.</summary>
    public bool IsTorn { get; init; }

    /// <summary>True for a piece that is not the first one of its line.</summary>
    public bool IsContinuation { get; init; }

    /// <summary>True for a piece whose line was so long that its beginning is a record already.</summary>
    public bool IsRest { get; init; }
}
