namespace Shipper.Journal;

/// <summary>
/// One entry of the journal: a view of its reader's memory, which the next call to the reader overwrites. Fields that the entry does not have are empty.
/// </summary>
/// <param name="priority">PRIORITY, or <see cref="JournalLevels.None"/>.</param>
internal readonly ref struct JournalEntry(JournalUnit unit, int priority)
{
    /// <summary>The time at which journald received the entry, in nanoseconds since 1970 (whole microseconds).</summary>
    public required long RealtimeNs { get; init; }

    public JournalUnit Unit { get; } = unit;

    /// <summary>
    /// The raw MESSAGE. It may have several lines, may not be text, and may be truncated (compare <see cref="MessageLength"/>).
    /// </summary>
    public ReadOnlySpan<byte> Message { get; init; }

    /// <summary>
    /// Length of the whole message in bytes. The length of a compressed message that exceeds the reader's limit is not known without decompressing it entirely:
    /// then this is the limit plus one byte.
    /// </summary>
    public long MessageLength { get; init; }

    /// <summary>False if the entry has no MESSAGE, which is legal, or if its message is damaged.</summary>
    public bool HasMessage { get; init; }

    /// <summary>True if a field could not be read. The entry has the fields that could be.</summary>
    public bool IsDamaged { get; init; }

    /// <summary>0 (emerg) to 7 (debug), or <see cref="JournalLevels.None"/>.</summary>
    public int Priority { get; } = priority;

    /// <summary>The name of <see cref="Priority"/>.</summary>
    public ReadOnlySpan<byte> Level => JournalLevels.GetName(Priority);

    /// <summary>SYSLOG_IDENTIFIER, else _COMM.</summary>
    public ReadOnlySpan<byte> Identifier { get; init; }

    /// <summary>_PID, else SYSLOG_PID.</summary>
    public ReadOnlySpan<byte> Pid { get; init; }

    /// <summary>_TRANSPORT: journal, stdout, syslog, kernel, audit, driver.</summary>
    public ReadOnlySpan<byte> Transport { get; init; }

    /// <summary>_BOOT_ID.</summary>
    public ReadOnlySpan<byte> BootId { get; init; }
}
