namespace Shipper.Records;

/// <summary>Converts times to and from nanoseconds since 1970, the unit of logs and files.</summary>
internal static class UnixTime
{
    private const long NanosecondsPerTick = 100;
    private const long MicrosecondsPerSecond = 1_000_000;

    /// <summary>Returns the current time, in nanoseconds since 1970.</summary>
    public static long GetUnixNanoseconds(this TimeProvider time) => ToNanoseconds(time.GetUtcNow());

    /// <summary>
    /// Returns the monotonic time in microseconds. It starts at an arbitrary moment before the agent's start, and changes of the clock do not affect it.
    /// </summary>
    public static long GetMonotonicMicroseconds(this TimeProvider time) => time.GetTimestamp() / (time.TimestampFrequency / MicrosecondsPerSecond);

    /// <summary>Converts nanoseconds since 1970 to a time.</summary>
    public static DateTime ToDateTime(long nanoseconds) => DateTime.UnixEpoch.AddTicks(nanoseconds / NanosecondsPerTick);

    /// <summary>Converts a time to nanoseconds since 1970.</summary>
    public static long ToNanoseconds(DateTimeOffset time) => (time.UtcTicks - DateTime.UnixEpoch.Ticks) * NanosecondsPerTick;
}
