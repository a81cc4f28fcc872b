namespace Shipper.Testing.Loki;

/// <summary>One stream in the response to a log query.</summary>
/// <param name="Labels">The stream's labels and the metadata that its entries have in common.</param>
/// <param name="Values">The timestamp in nanoseconds and the line of each entry, sorted.</param>
public sealed record QueriedStream(IReadOnlyDictionary<string, string> Labels, IReadOnlyList<string[]> Values);
