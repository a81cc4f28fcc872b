using System.Text.Json;

namespace Shipper.Kubernetes.Api;

/// <summary>Reads the value of a property into an object.</summary>
/// <param name="json">Is at the first token of the value before the call, and at its last token after the call.</param>
/// <param name="target">The object that receives the value.</param>
internal delegate void ReadField<in T>(ref Utf8JsonReader json, T target);
