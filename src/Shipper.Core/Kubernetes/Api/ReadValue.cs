using System.Text.Json;

namespace Shipper.Kubernetes.Api;

/// <summary>Reads a value.</summary>
/// <param name="json">Stands at the first token of the value; at the last one afterwards.</param>
/// <returns>Null for <c>null</c>.</returns>
internal delegate T? ReadValue<out T>(ref Utf8JsonReader json)
    where T : class;
