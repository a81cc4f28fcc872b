using Shipper.Batching;

namespace Shipper.Delivery;

/// <summary>A stream that Loki refused for now, and that will be rewound.</summary>
/// <param name="IsUnconfirmed">True if Loki may have some of its records.</param>
/// <param name="Bytes">Bytes of its records in the batch.</param>
/// <param name="Message">Loki's error message.</param>
internal readonly record struct Refusal(LogStream Stream, bool IsUnconfirmed, int Bytes, string Message);
