namespace Shipper.Loki;

/// <summary>What a distributor says of entries that it refused for one reason.</summary>
/// <param name="Kind">The reason.</param>
/// <param name="Count">How many entries; of the kinds that concern a whole stream, how many times it says so.</param>
/// <param name="Stream">The labels of the stream, for the kinds that concern a whole stream; null if it names none.</param>
/// <param name="Limit">
/// Of times that are too old the oldest acceptable one, of times that are too new the earliest refused one, both in nanoseconds since 1970 and rounded down to the
/// second; of lines and metadata the limit that they exceed; 0 if there is none.
/// </param>
internal readonly record struct ValidationError(RefusalKind Kind, int Count, string? Stream, long Limit);
