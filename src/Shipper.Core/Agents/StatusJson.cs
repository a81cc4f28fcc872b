using System.Text.Json.Serialization;

namespace Shipper.Agents;

/// <summary>How <see cref="AgentStatus"/> is written, without reflection.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(AgentStatus))]
internal sealed partial class StatusJson : JsonSerializerContext;
