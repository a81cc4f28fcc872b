namespace Shipper.Lanes;

/// <summary>How far a stream of files is.</summary>
/// <param name="Lane">The lane that has it.</param>
/// <param name="Key">What it is, independent of labels: <c>namespace/pod/container</c> for a container.</param>
/// <param name="Labels">Its labels, as a selector.</param>
/// <param name="LagBytes">Bytes written and not acknowledged.</param>
/// <param name="LossDeadlineSeconds">Estimate of the time until unacknowledged bytes are lost; null if none are going to be lost.</param>
/// <param name="LastAcknowledged">When Loki last took something of it; null where it has not since the agent started.</param>
/// <param name="Generations">Its files, oldest first.</param>
internal sealed record StreamStatus(
    string Lane, string Key, string Labels, long LagBytes, double? LossDeadlineSeconds, DateTimeOffset? LastAcknowledged,
    IReadOnlyList<GenerationStatus> Generations);
