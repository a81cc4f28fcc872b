namespace Shipper.Testing.Loki;

/// <summary>One stream of a log query's answer.</summary>
/// <param name="Labels">The stream's labels and the metadata that its entries have in common.</param>
/// <param name="Values">Time in nanoseconds and line, sorted.</param>
public sealed record QueriedStream(IReadOnlyDictionary<string, string> Labels, IReadOnlyList<string[]> Values);
