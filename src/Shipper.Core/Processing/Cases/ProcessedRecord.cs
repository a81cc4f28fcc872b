using Shipper.Processing.Levels;

namespace Shipper.Processing.Cases;

/// <summary>What became of a record.</summary>
internal readonly ref struct ProcessedRecord
{
    /// <summary>
    /// The text that is sent. Of a dropped record, the text as the stages before the one that dropped it left it: redaction may not have been reached.
    /// </summary>
    public ReadOnlySpan<byte> Line { get; init; }

    /// <summary>The structured metadata, encoded (<see cref="Records.EntryMetadata"/>).</summary>
    public ReadOnlySpan<byte> Metadata { get; init; }

    /// <summary>Number of bytes of the original that are missing in <see cref="Line"/>.</summary>
    public long TruncatedBytes { get; init; }

    /// <summary>The level of the record.</summary>
    public RecordLevel Level { get; init; }

    /// <summary>Number of lines that were joined to the record.</summary>
    public int Lines { get; init; }

    /// <summary>True if this is the report of a limit, which the log does not contain.</summary>
    public bool IsReport { get; init; }

    /// <summary>Why the record was dropped: the name of a rule or limit, or one of <see cref="Telemetry.DropReasons"/>; null if it is sent.</summary>
    public string? DropReason { get; init; }

    /// <summary>The rule that decided about the record; null if none did.</summary>
    public string? Rule { get; init; }

    /// <summary>The limit that applies to the record; null if none does.</summary>
    public string? Limit { get; init; }
}
