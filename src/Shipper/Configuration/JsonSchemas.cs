using System.Text.Json.Nodes;

namespace Shipper.Configuration;

/// <summary>Parts of JSON Schema.</summary>
internal static class JsonSchemas
{
    private const string VariablePattern = "\\$\\{[A-Za-z_][A-Za-z0-9_]*(:-[^}]*)?\\}";

    /// <summary>Accepts one of the given schemas, or any string with a variable in it: only the expanded value can be checked.</summary>
    public static JsonObject AllowVariable(params JsonObject[] schemas) => new()
    {
        ["anyOf"] = new JsonArray([.. schemas, new JsonObject { ["type"] = "string", ["pattern"] = VariablePattern }]),
    };
}
