namespace Shipper.Testing.Loki;

/// <summary>A query, as received.</summary>
/// <param name="Path">The path of the URL.</param>
/// <param name="Parameters">The parameters of the URL.</param>
/// <param name="Headers">The headers of the request.</param>
public sealed record LokiQuery(string Path, IReadOnlyDictionary<string, string> Parameters, IReadOnlyDictionary<string, string> Headers);
