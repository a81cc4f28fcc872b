namespace Shipper.Testing;

/// <summary>A clock whose time of day is wrong. Timers and timestamps are those of another clock.</summary>
public sealed class ShiftedTimeProvider(TimeProvider time) : TimeProvider
{
    /// <summary>How far the time of day is ahead.</summary>
    public TimeSpan Ahead { get; set; }

    public override long TimestampFrequency => time.TimestampFrequency;

    public override DateTimeOffset GetUtcNow() => time.GetUtcNow() + Ahead;

    public override long GetTimestamp() => time.GetTimestamp();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) => time.CreateTimer(callback, state, dueTime, period);
}
