namespace Shipper.Benchmarks.EndToEnd;

/// <summary>What the receiver saw.</summary>
/// <param name="Lines">Lines received, those more than once counted each time.</param>
/// <param name="Twice">Lines received before.</param>
/// <param name="OutOfOrder">Lines received behind a later one of their stream.</param>
/// <param name="Streams">Streams.</param>
/// <param name="WireBytes">Bytes of the request bodies.</param>
/// <param name="FirstPush">When the first push came, in seconds since 1970; 0 before.</param>
internal sealed record ReceiverReport(long Lines, long Twice, long OutOfOrder, int Streams, long WireBytes, double FirstPush);
