using System.Text.Json.Serialization;

namespace Shipper.Agents;

/// <summary>Serializes <see cref="AgentStatus"/> without reflection.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(AgentStatus))]
internal sealed partial class StatusJson : JsonSerializerContext;
