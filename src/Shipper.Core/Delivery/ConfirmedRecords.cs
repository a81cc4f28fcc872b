using Shipper.Batching;

namespace Shipper.Delivery;

/// <summary>What Loki said of records that it may have.</summary>
/// <param name="Found">Those that it has.</param>
/// <param name="IsAnswered">False where it could not be asked.</param>
/// <param name="IsCertain">False where it may have others of them, too.</param>
internal readonly record struct ConfirmedRecords(HashSet<BatchEntry> Found, bool IsAnswered, bool IsCertain);
