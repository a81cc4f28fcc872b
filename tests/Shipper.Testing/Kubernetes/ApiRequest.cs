namespace Shipper.Testing.Kubernetes;

/// <summary>A request that an <see cref="ApiServerDouble"/> got.</summary>
/// <param name="Verb">list or watch.</param>
/// <param name="Resource">pods, nodes or namespaces.</param>
/// <param name="PathAndQuery">What was asked for.</param>
/// <param name="Accept">The media type.</param>
/// <param name="Authorization">The credentials.</param>
public sealed record ApiRequest(string Verb, string Resource, string PathAndQuery, string Accept, string Authorization);
