namespace Shipper.Delivery;

/// <summary>What Loki said of records that it may have.</summary>
/// <param name="Found">Those that it has.</param>
/// <param name="IsAnswered">False where it could not be asked.</param>
/// <param name="CertainFromNs">Of older ones it may have others, too, in nanoseconds since 1970.</param>
internal readonly record struct ConfirmedRecords(HashSet<BatchEntry> Found, bool IsAnswered, long CertainFromNs);
