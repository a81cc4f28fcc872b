namespace Shipper.Journal;

/// <summary>
/// One entry of the journal: a view of its reader's memory, which the next call to the reader overwrites. What an entry
/// does not have is empty.
/// </summary>
/// <param name="unit">The unit.</param>
/// <param name="priority">PRIORITY, or <see cref="JournalLevels.None"/>.</param>
internal readonly ref struct JournalEntry(JournalUnit unit, int priority)
{
    /// <summary>When journald took it, in nanoseconds since 1970 (whole microseconds).</summary>
    public required long RealtimeNs { get; init; }

    public JournalUnit Unit { get; } = unit;

    /// <summary>
    /// MESSAGE as it was written: perhaps of several lines, perhaps not text, perhaps only the beginning
    /// (<see cref="MessageLength"/>).
    /// </summary>
    public ReadOnlySpan<byte> Message { get; init; }

    /// <summary>
    /// Bytes of the whole message. Of a compressed one that is longer than the reader's limit nobody knows the length
    /// without unpacking it: then this is the limit and one byte.
    /// </summary>
    public long MessageLength { get; init; }

    /// <summary>False for an entry without MESSAGE, which is legal, and for one whose message is damaged.</summary>
    public bool HasMessage { get; init; }

    /// <summary>True where a field could not be read; what could be is here.</summary>
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
