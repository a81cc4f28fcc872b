namespace Shipper.Journal;

/// <summary>The names of syslog(3) priorities, as journalctl writes them.</summary>
internal static class JournalLevels
{
    /// <summary>The priority of an entry that has no valid one.</summary>
    public const int None = -1;

    /// <summary>Parses the value of PRIORITY.</summary>
    public static int Parse(ReadOnlySpan<byte> value) =>
        value.Length == 1 && value[0] is >= (byte)'0' and <= (byte)'7' ? value[0] - '0' : None;

    /// <summary>Returns the name of a priority; empty for <see cref="None"/>.</summary>
    public static ReadOnlySpan<byte> GetName(int priority) => priority switch
    {
        0 => "emerg"u8,
        1 => "alert"u8,
        2 => "crit"u8,
        3 => "err"u8,
        4 => "warning"u8,
        5 => "notice"u8,
        6 => "info"u8,
        7 => "debug"u8,
        _ => default,
    };
}
