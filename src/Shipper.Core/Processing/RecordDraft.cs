using Shipper.Processing.Fields;
using Shipper.Processing.Levels;
using Shipper.Processing.Redaction;
using Shipper.Records;

namespace Shipper.Processing;

/// <summary>A record before processing. Lives on the stack, and its line is a view of a buffer that the next read overwrites.</summary>
internal ref struct RecordDraft
{
    /// <summary>The record's own time, in nanoseconds since 1970.</summary>
    public long TimestampNs;

    /// <summary>The output to which the line was written.</summary>
    public LogOutput Output;

    /// <summary>The line without a newline, or as much of its beginning as can be sent.</summary>
    public ReadOnlySpan<byte> Line;

    /// <summary>True if <see cref="Line"/> is known to be ASCII only.</summary>
    public bool IsAscii;

    /// <summary>Length of the whole line in bytes. Greater than the length of <see cref="Line"/> if only the beginning was kept.</summary>
    public long Length;

    /// <summary>Number of bytes that were removed from the middle of the record, where a marker stands instead; 0 if none were.</summary>
    public long RemovedBytes;

    /// <summary>Which of the lines around a private key came last since the first byte of the record that is not kept.</summary>
    public KeyMark HiddenKey;

    /// <summary>True for the rest of a line that was so long that its beginning has already become a record.</summary>
    public bool IsRemainder;

    /// <summary>Number of lines that were joined to the record.</summary>
    public int Lines;

    /// <summary>The level that the record states.</summary>
    public RecordLevel Level;

    /// <summary>The fields whose values are in <see cref="StageContext.FieldValues"/>; null until a stage asks. Only stages before and behind those change the line.</summary>
    public RecordFields? FoundFields;

    /// <summary>Why a stage dropped the record: the name of its rule, or one of <see cref="Telemetry.DropReasons"/>.</summary>
    public string? DropReason;

    /// <summary>The structured metadata, encoded (<see cref="EntryMetadata"/>).</summary>
    public ReadOnlySpan<byte> Metadata;

    /// <summary>Number of bytes at the end of <see cref="Metadata"/> that stages have added.</summary>
    public int AddedMetadataBytes;

    /// <summary>True if a value that a stage has added is not a part of <see cref="Line"/>, and was read from it: its escape sequences were resolved.</summary>
    public bool HasUnescapedValue;
}
