namespace Shipper.Testing.Loki;

/// <summary>A query as it came.</summary>
/// <param name="Path">The path.</param>
/// <param name="Parameters">What the URL says.</param>
/// <param name="Headers">Its headers.</param>
public sealed record LokiQuery(string Path, IReadOnlyDictionary<string, string> Parameters, IReadOnlyDictionary<string, string> Headers);
