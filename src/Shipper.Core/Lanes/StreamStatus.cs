namespace Shipper.Lanes;

/// <summary>The state of a stream that is read from files.</summary>
/// <param name="Lane">The name of its lane.</param>
/// <param name="Key">Its identity, which does not depend on labels: <c>namespace/pod/container</c> for a container.</param>
/// <param name="Labels">Its labels, as a selector.</param>
/// <param name="LagBytes">Bytes that are written to its files, but not acknowledged.</param>
/// <param name="LossDeadlineSeconds">Estimated seconds until unacknowledged bytes are lost; null if none will be.</param>
/// <param name="LastAcknowledged">When Loki last acknowledged records of it; null if it has not since the agent started.</param>
/// <param name="Generations">Its files, oldest first.</param>
internal sealed record StreamStatus(
    string Lane, string Key, string Labels, long LagBytes, double? LossDeadlineSeconds, DateTimeOffset? LastAcknowledged,
    IReadOnlyList<GenerationStatus> Generations);
