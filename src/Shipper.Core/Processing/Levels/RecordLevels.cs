namespace Shipper.Processing.Levels;

/// <summary>The names of levels, and the levels of syslog.</summary>
internal static class RecordLevels
{
    private static readonly string[] Names = ["trace", "debug", "info", "warn", "error", "fatal", "critical"];

    /// <summary>Returns the name of a level, as <c>detected_level</c> has it; empty for <see cref="RecordLevel.None"/>.</summary>
    public static ReadOnlySpan<byte> NameOf(RecordLevel level) => level switch
    {
        RecordLevel.Trace => "trace"u8,
        RecordLevel.Debug => "debug"u8,
        RecordLevel.Info => "info"u8,
        RecordLevel.Warn => "warn"u8,
        RecordLevel.Error => "error"u8,
        RecordLevel.Fatal => "fatal"u8,
        RecordLevel.Critical => "critical"u8,
        _ => [],
    };

    /// <summary>Finds the level with a name, in lower case as in the configuration.</summary>
    /// <returns>False if no level has the name.</returns>
    public static bool TryParse(string name, out RecordLevel level)
    {
        level = (RecordLevel)(Array.IndexOf(Names, name) + 1);
        return level != RecordLevel.None;
    }

    /// <summary>
    /// Returns the level of a severity of syslog (RFC 5424, 6.2.1), of which the journal's PRIORITY is one. As in Grafana, emergencies and alerts are critical
    /// and notices are info.
    /// </summary>
    /// <param name="priority">0 to 7; anything else has no level.</param>
    public static RecordLevel FromSyslogPriority(int priority) => priority switch
    {
        0 or 1 or 2 => RecordLevel.Critical,
        3 => RecordLevel.Error,
        4 => RecordLevel.Warn,
        5 or 6 => RecordLevel.Info,
        7 => RecordLevel.Debug,
        _ => RecordLevel.None,
    };
}
