namespace Shipper.Lanes;

/// <summary>What a lane's source has to read.</summary>
/// <param name="LagBytes">Bytes written and not acknowledged.</param>
/// <param name="OldestNs">Time of the oldest record that is in no batch yet, in nanoseconds since 1970;
/// <see cref="long.MaxValue"/> where there is none.</param>
/// <param name="HeldBytes">Bytes on the disk that only open handles keep.</param>
/// <param name="OpenFiles">Open log files.</param>
/// <param name="Streams">Streams.</param>
/// <param name="IsInDoubt">True while there is something of which it is not known whether it was sent before the agent started.</param>
/// <param name="LossDeadlineSeconds">Estimate of the time until unacknowledged bytes are lost; infinite if none are going to be.</param>
internal sealed record SourceStatus(
    long LagBytes, long OldestNs, long HeldBytes, int OpenFiles, int Streams, bool IsInDoubt = false, double LossDeadlineSeconds = double.PositiveInfinity)
{
    /// <summary>Streams that wait for a descriptor.</summary>
    public int Waiting { get; init; }

    /// <summary>How long no waiting stream has got a descriptor.</summary>
    public TimeSpan Standstill { get; init; }

    /// <summary>Before the first look.</summary>
    public static SourceStatus None { get; } = new(0, long.MaxValue, 0, 0, 0, IsInDoubt: true);
}
