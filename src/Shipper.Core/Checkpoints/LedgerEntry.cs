namespace Shipper.Checkpoints;

/// <summary>An entry of a generation's ledger: bytes that were dropped or lost, by reason.</summary>
/// <param name="IsLost">True if the bytes were gone before they could be read, false if they were read and dropped.</param>
/// <param name="Reason">One of <see cref="Telemetry.LossReasons"/> or <see cref="Telemetry.DropReasons"/>.</param>
/// <param name="Bytes">Bytes of the uncompressed content.</param>
internal readonly record struct LedgerEntry(bool IsLost, string Reason, long Bytes);
