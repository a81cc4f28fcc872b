namespace Shipper.Delivery;

/// <summary>The result of asking Loki for unconfirmed records.</summary>
/// <param name="Found">The records that Loki has.</param>
/// <param name="IsAnswered">False if Loki could not be asked.</param>
/// <param name="CertainFromNs">
/// The time from which the result is certain, in nanoseconds since 1970. Loki may have more of the older records than were found.
/// </param>
internal readonly record struct ConfirmedRecords(HashSet<BatchEntry> Found, bool IsAnswered, long CertainFromNs);
