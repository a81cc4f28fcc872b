namespace Shipper.Journal;

/// <summary>
/// One entry of the journal: a view of the reader's memory, valid until the next call to the reader. Fields that the entry does not have are empty.
/// </summary>
/// <param name="priority">PRIORITY, or <see cref="JournalLevels.None"/>.</param>
internal readonly ref struct JournalEntry(JournalUnit unit, int priority)
{
    /// <summary>The time at which journald received the entry, in nanoseconds since 1970 (whole microseconds).</summary>
    public required long RealtimeNs { get; init; }

    public JournalUnit Unit { get; } = unit;

    /// <summary>The raw MESSAGE. It may have several lines, may not be text, and may be truncated (compare it with <see cref="MessageLength"/>).</summary>
    public ReadOnlySpan<byte> Message { get; init; }

    /// <summary>
    /// Length of the whole message in bytes. If a compressed message exceeds the reader's limit, its length is unknown unless it is decompressed entirely;
    /// the value is then the limit plus one.
    /// </summary>
    public long MessageLength { get; init; }

    /// <summary>False if the entry has no MESSAGE, which is legal, or if the message is damaged.</summary>
    public bool HasMessage { get; init; }

    /// <summary>True if a field could not be read. The entry has all fields that could be read.</summary>
    public bool IsDamaged { get; init; }

    /// <summary>0 (emerg) to 7 (debug), or <see cref="JournalLevels.None"/>.</summary>
    public int Priority { get; } = priority;

    /// <summary>The name of <see cref="Priority"/>.</summary>
    public ReadOnlySpan<byte> Level => JournalLevels.GetName(Priority);

    /// <summary>SYSLOG_IDENTIFIER or, if that is missing, _COMM.</summary>
    public ReadOnlySpan<byte> Identifier { get; init; }

    /// <summary>_PID or, if that is missing, SYSLOG_PID.</summary>
    public ReadOnlySpan<byte> Pid { get; init; }

    /// <summary>_TRANSPORT: journal, stdout, syslog, kernel, audit, driver.</summary>
    public ReadOnlySpan<byte> Transport { get; init; }

    /// <summary>_BOOT_ID.</summary>
    public ReadOnlySpan<byte> BootId { get; init; }
}
