namespace Shipper.Lanes;

/// <summary>The amount of data that a lane's source has to read.</summary>
/// <param name="LagBytes">Bytes that are written to the logs, but not acknowledged.</param>
/// <param name="OldestNs">Time of the oldest record that is in no batch yet, in nanoseconds since 1970; <see cref="long.MaxValue"/> if there is none.</param>
/// <param name="HeldBytes">Disk space in bytes of deleted files that only the agent keeps open.</param>
/// <param name="OpenFiles">Number of open log files.</param>
/// <param name="Streams">Number of streams.</param>
/// <param name="HasUnconfirmed">True while it is unknown whether some records were sent before the agent started.</param>
/// <param name="LossDeadlineSeconds">Estimated seconds until unacknowledged bytes are lost; infinite if none will be.</param>
internal sealed record SourceStatus(
    long LagBytes, long OldestNs, long HeldBytes, int OpenFiles, int Streams, bool HasUnconfirmed = false, double LossDeadlineSeconds = double.PositiveInfinity)
{
    /// <summary>Number of streams that wait for a file descriptor.</summary>
    public int WaitingStreams { get; init; }

    /// <summary>Time since a waiting stream last got a file descriptor.</summary>
    public TimeSpan DescriptorWait { get; init; }

    /// <summary>The status before the first maintenance.</summary>
    public static SourceStatus None { get; } = new(0, long.MaxValue, 0, 0, 0, HasUnconfirmed: true);
}
