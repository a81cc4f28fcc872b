namespace Shipper.Status;

/// <summary>Rates and lag of the last 15 minutes, oldest first.</summary>
/// <param name="StepSeconds">Seconds between two values.</param>
internal sealed record RateHistory(
    int StepSeconds, IReadOnlyList<double> ReadBytesPerSecond, IReadOnlyList<double> SentRecordsPerSecond, IReadOnlyList<long> LagBytes);
