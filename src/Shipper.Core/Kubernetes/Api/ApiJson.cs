using System.Text.Json;
using System.Text.Json.Serialization;

namespace Shipper.Kubernetes.Api;

/// <summary>Reads the API server's JSON without reflection.</summary>
[JsonSerializable(typeof(ApiObject))]
[JsonSerializable(typeof(ApiStatus))]
internal sealed partial class ApiJson : JsonSerializerContext
{
    /// <summary>A reader that keeps of labels and annotations what a filter wants.</summary>
    public static ApiJson Create(Func<string, bool> keeps) => new(new JsonSerializerOptions
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        Converters = { new KeptPairsConverter(keeps) },
    });
}
