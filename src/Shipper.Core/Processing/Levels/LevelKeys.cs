using System.Runtime.CompilerServices;

namespace Shipper.Processing.Levels;

/// <summary>The keys that state a level in JSON and logfmt, in any case.</summary>
internal static class LevelKeys
{
    // Beside Loki's keys (pkg/distributor/field_detection.go): Python (levelname), .NET (LogLevel), hclog (@level), monolog (level_name), logback
    // (level_value), Falco (priority), OpenTelemetry (severityText, severityNumber), ECS (log.level), old Grafana (lvl).
    private static readonly WordTable Keys = new WordTable()
        .With((byte)LevelKey.Level, "level lvl log.level log_level loglevel log-level @level levelname level_name level_value")
        .With((byte)LevelKey.Word, "severity severitytext severity_text")
        .With((byte)LevelKey.Syslog, "priority syslog_severity syslog.severity syslogseverity syslog_priority syslog.priority syslogpriority")
        .With((byte)LevelKey.OpenTelemetry, "severitynumber severity_number")
        .With((byte)LevelKey.LogObject, "log")
        .With((byte)LevelKey.SyslogObject, "syslog")
        .With((byte)LevelKey.Serilog, "@l")
        .With((byte)LevelKey.SerilogTime, "@t")
        .With((byte)LevelKey.Mongo, "s")
        .With((byte)LevelKey.MongoComponent, "c")
        .With((byte)LevelKey.MongoTimeOrId, "t id");

    // The first letters of the keys with up to two bytes, and of those with more: bit 1 is A, bit 0 is @. Most keys of a line need no search.
    private const uint FirstOfShort = 1 | (1U << ('c' & 31)) | (1U << ('i' & 31)) | (1U << ('s' & 31)) | (1U << ('t' & 31));
    private const uint FirstOfLong = (1U << ('l' & 31)) | (1U << ('p' & 31)) | (1U << ('s' & 31));

    /// <summary>Returns what the value of a key of a JSON object states.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static LevelKey OfJson(ReadOnlySpan<byte> key)
    {
        if (key.IsEmpty)
        {
            return LevelKey.None;
        }

        byte first = key[0];
        uint letters = key.Length <= 2 ? FirstOfShort : FirstOfLong;
        return ((letters >> (first & 31)) & 1) != 0 || (first == '@' && key.Length == 6) ? (LevelKey)Keys.Find(key) : LevelKey.None;
    }

    /// <summary>Returns what the value of a key of a logfmt line states.</summary>
    public static LevelKey OfLogfmt(ReadOnlySpan<byte> key) => OfJson(key) switch
    {
        <= LevelKey.OpenTelemetry and var known => known,
        LevelKey.SyslogObject => LevelKey.Syslog,
        _ => LevelKey.None,
    };
}
