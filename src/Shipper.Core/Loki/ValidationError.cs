namespace Shipper.Loki;

/// <summary>An error that a distributor reports for entries that it refused for one reason.</summary>
/// <param name="Count">Number of entries; for the kinds that concern a whole stream, number of times that the error was reported.</param>
/// <param name="Stream">The labels of the stream, for the kinds that concern a whole stream; null if the error names none.</param>
/// <param name="Limit">
/// For times that are too old, the oldest acceptable one; for times that are too new, the earliest refused one. Both are in nanoseconds since 1970, rounded
/// down to the second. For lines and metadata, the limit that they exceed. 0 if there is none.
/// </param>
internal readonly record struct ValidationError(RefusalKind Kind, int Count, string? Stream, long Limit);
