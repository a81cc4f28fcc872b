namespace Shipper.Records;

/// <summary>Computes timestamps of the monotonic clock.</summary>
internal static class TimeExtensions
{
    /// <summary>Returns the timestamp a time span from now.</summary>
    public static long TimestampAfter(this TimeProvider time, TimeSpan span) => time.GetTimestamp() + time.ToTimestampUnits(span);

    /// <summary>Converts a time span to a difference of timestamps, in units of <see cref="TimeProvider.TimestampFrequency"/>.</summary>
    public static long ToTimestampUnits(this TimeProvider time, TimeSpan span) => (long)(span.TotalSeconds * time.TimestampFrequency);
}
