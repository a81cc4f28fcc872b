using System.Text.Json;

namespace Shipper.Kubernetes.Api;

/// <summary>Reads a value.</summary>
/// <param name="json">Is at the first token of the value before the call, and at its last token after the call.</param>
/// <returns>Null if the JSON value is <c>null</c>.</returns>
internal delegate T? ReadValue<out T>(ref Utf8JsonReader json)
    where T : class;
