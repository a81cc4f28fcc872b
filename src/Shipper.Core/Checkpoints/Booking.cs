namespace Shipper.Checkpoints;

/// <summary>Bytes of a generation that went another way than to Loki.</summary>
/// <param name="IsLost">True where they were gone before they could be read, false where they were read and dropped.</param>
/// <param name="Reason">Why: one of <see cref="Telemetry.LossReasons"/> or <see cref="Telemetry.DropReasons"/>.</param>
/// <param name="Bytes">How many, of the uncompressed content.</param>
internal readonly record struct Booking(bool IsLost, string Reason, long Bytes);
