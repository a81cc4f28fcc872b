using Shipper.Records;

namespace Shipper.Processing;

/// <summary>A record in the making. It lives on the stack, and its line is a view of a buffer that the next read overwrites.</summary>
internal ref struct Draft
{
    /// <summary>The record's own time, in nanoseconds since 1970.</summary>
    public long TimestampNs;

    /// <summary>The output it was written to.</summary>
    public LogOutput Output;

    /// <summary>The line, or as much of its beginning as can be sent, without a newline.</summary>
    public ReadOnlySpan<byte> Line;

    /// <summary>True if all of <see cref="Line"/> is known to be ASCII.</summary>
    public bool IsAscii;

    /// <summary>Bytes of the whole line; more than <see cref="Line"/> has if not all of it was kept.</summary>
    public long Length;

    /// <summary>True if it is the rest of a line whose beginning is a record already, because it was too long to be held.</summary>
    public bool IsRest;

    /// <summary>Its structured metadata, encoded.</summary>
    public ReadOnlySpan<byte> Metadata;
}
