namespace Shipper.Processing.Limits;

/// <summary>
/// The clock of a limit: the times of the records that it applies to. Lines of the two outputs, and of several threads, may be a little out of order. If the
/// clock followed them back and forth, the limit would grant the same time twice. So the clock stands still until the records have caught up.
/// </summary>
internal static class LimitClock
{
    /// <summary>
    /// A record that is older than the newest one by more than this shows that the clock of the node was set back, so the clock of the limit is set back too.
    /// Otherwise, one record from the far future would keep all others back.
    /// </summary>
    public const long ToleranceNs = 60L * 1_000_000_000;

    /// <summary>Advances the clock to the time of a record.</summary>
    /// <returns>The time that the record has for the limit.</returns>
    public static long Advance(ref LimitMemory memory, long timestampNs)
    {
        if (timestampNs >= memory.TimeNs)
        {
            return memory.TimeNs = timestampNs;
        }

        long back = Subtract(memory.TimeNs, timestampNs);
        if (back <= ToleranceNs)
        {
            return memory.TimeNs;
        }

        // What was used of the limit stays used.
        memory.BytesDueNs = Subtract(memory.BytesDueNs, back);
        memory.LinesDueNs = Subtract(memory.LinesDueNs, back);
        if (memory.Records > 0)
        {
            memory.SinceNs = Math.Min(memory.SinceNs, timestampNs);
        }

        return memory.TimeNs = timestampNs;
    }

    /// <summary>Returns a duration in nanoseconds. One of more than 292 years becomes 292 years.</summary>
    public static long ToNs(TimeSpan duration) => (long)Int128.Min(duration.Ticks * (Int128)TimeSpan.NanosecondsPerTick, long.MaxValue);

    /// <summary>Adds times. A result out of range becomes the nearest time.</summary>
    public static long Add(long time, long duration)
    {
        long sum = unchecked(time + duration);
        return ((time ^ sum) & (duration ^ sum)) >= 0 ? sum : Nearest(time);
    }

    /// <summary>Subtracts times. A result out of range becomes the nearest time.</summary>
    public static long Subtract(long time, long duration)
    {
        long difference = unchecked(time - duration);
        return ((time ^ duration) & (time ^ difference)) >= 0 ? difference : Nearest(time);
    }

    private static long Nearest(long time) => time < 0 ? long.MinValue : long.MaxValue;
}
