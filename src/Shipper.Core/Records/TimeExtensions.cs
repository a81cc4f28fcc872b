namespace Shipper.Records;

/// <summary>Timestamps of a steady clock, and the spans between them.</summary>
internal static class TimeExtensions
{
    /// <summary>The timestamp that comes this long after now.</summary>
    public static long After(this TimeProvider time, TimeSpan span) => time.GetTimestamp() + time.TimestampUnits(span);

    /// <summary>The difference between two timestamps that are this far apart, in units of <see cref="TimeProvider.TimestampFrequency"/>.</summary>
    public static long TimestampUnits(this TimeProvider time, TimeSpan span) => (long)(span.TotalSeconds * time.TimestampFrequency);
}
