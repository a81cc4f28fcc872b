namespace Shipper.Testing.Kubernetes;

/// <summary>A request that an <see cref="ApiServerDouble"/> received.</summary>
/// <param name="Verb">list or watch.</param>
/// <param name="Resource">pods, nodes or namespaces.</param>
/// <param name="PathAndQuery">The path and the query string, undecoded.</param>
/// <param name="Accept">The header Accept.</param>
/// <param name="Authorization">The header Authorization.</param>
public sealed record ApiRequest(string Verb, string Resource, string PathAndQuery, string Accept, string Authorization);
