using System.Text.Json;

namespace Shipper.Kubernetes.Api;

/// <summary>Reads the value of a property into an object.</summary>
/// <param name="json">Stands at the first token of the value; at the last one afterwards.</param>
/// <param name="target">The object.</param>
internal delegate void ReadField<in T>(ref Utf8JsonReader json, T target);
