namespace Shipper.Status;

/// <summary>How far the agent is behind.</summary>
/// <param name="Bytes">Bytes that are written to the sources, but not acknowledged.</param>
/// <param name="Seconds">Age of the oldest record that Loki has not acknowledged, in seconds; 0 if there is none.</param>
/// <param name="LossInSeconds">Estimated seconds until unread bytes are deleted; null if none will be.</param>
internal sealed record Lag(long Bytes, double Seconds, double? LossInSeconds);
