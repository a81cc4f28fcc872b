namespace Shipper.Records;

/// <summary>Times as logs and files have them: nanoseconds since 1970.</summary>
internal static class UnixTime
{
    private const long NanosecondsPerTick = 100;
    private const long MicrosecondsPerSecond = 1_000_000;

    /// <summary>The present, in nanoseconds since 1970.</summary>
    public static long GetUnixNanoseconds(this TimeProvider time) => ToNanoseconds(time.GetUtcNow());

    /// <summary>A monotonic time, independent of the clock, in microseconds since some moment before the agent started.</summary>
    public static long GetSteadyMicroseconds(this TimeProvider time) => time.GetTimestamp() / (time.TimestampFrequency / MicrosecondsPerSecond);

    /// <summary>The time that is so many nanoseconds after the beginning of 1970.</summary>
    public static DateTime ToDateTime(long nanoseconds) => DateTime.UnixEpoch.AddTicks(nanoseconds / NanosecondsPerTick);

    /// <summary>Nanoseconds since 1970.</summary>
    public static long ToNanoseconds(DateTimeOffset time) => (time.UtcTicks - DateTime.UnixEpoch.Ticks) * NanosecondsPerTick;
}
