namespace Shipper.Status;

/// <summary>Counters at one moment, from which rates are computed.</summary>
/// <param name="Timestamp">The moment, as a timestamp of the <see cref="TimeProvider"/>.</param>
/// <param name="ReadBytes">Bytes read from the sources.</param>
/// <param name="ReadRecords">Records read from the sources.</param>
/// <param name="SentRecords">Records that Loki acknowledged.</param>
/// <param name="SentBytes">Compressed bytes that Loki acknowledged.</param>
/// <param name="CpuSeconds">CPU time of the process, in seconds.</param>
internal readonly record struct StatusSample(long Timestamp, long ReadBytes, long ReadRecords, long SentRecords, long SentBytes, double CpuSeconds);
