using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Shipper.Lanes;
using Shipper.Status.Explaining;

namespace Shipper.Status;

/// <summary>Serializes what the HTTP endpoints return, without reflection.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(AgentStatus))]
[JsonSerializable(typeof(StreamStatus))]
[JsonSerializable(typeof(Explanation))]
internal sealed partial class StatusJson : JsonSerializerContext
{
    /// <summary>Leaves quotes, brackets and letters of all languages readable. The result is never part of an HTML page.</summary>
    public static StatusJson Readable { get; } = new(new JsonSerializerOptions { PropertyNamingPolicy = JsonNamingPolicy.CamelCase, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
}
