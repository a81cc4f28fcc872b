namespace Shipper.Status;

/// <summary>How much the agent reads and sends, over the last ten seconds.</summary>
/// <param name="SentBytesPerSecond">Compressed bytes.</param>
internal sealed record Rates(double ReadBytesPerSecond, double ReadRecordsPerSecond, double SentRecordsPerSecond, double SentBytesPerSecond);
