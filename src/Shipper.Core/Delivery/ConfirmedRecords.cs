namespace Shipper.Delivery;

/// <summary>Loki's answer to the question which unconfirmed records it has.</summary>
/// <param name="Found">The records that Loki has.</param>
/// <param name="IsAnswered">False if Loki could not be asked.</param>
/// <param name="CertainFromNs">
/// The time from which the answer is certain, in nanoseconds since 1970. Of older records Loki may have more than those found.
/// </param>
internal readonly record struct ConfirmedRecords(HashSet<BatchEntry> Found, bool IsAnswered, long CertainFromNs);
