using Shipper.Batching;

namespace Shipper.Delivery;

/// <summary>Loki refused a stream for now: what a batch has of it goes back to its source.</summary>
/// <param name="Stream">The stream.</param>
/// <param name="IsInPart">True where Loki may have some of it.</param>
/// <param name="Bytes">Bytes of its records in the batch.</param>
/// <param name="Message">Loki's words.</param>
internal readonly record struct Refusal(LogStream Stream, bool IsInPart, int Bytes, string Message);
