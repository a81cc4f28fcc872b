namespace Shipper.Status;

/// <summary>Number of records since the program started.</summary>
/// <param name="Sent">Records that Loki acknowledged.</param>
/// <param name="PossibleDuplicates">Records sent again although Loki may have stored them already.</param>
internal sealed record RecordTotals(long Read, long Sent, long PossibleDuplicates);
