using System.Text.Json.Nodes;

namespace Shipper.Configuration;

/// <summary>Pieces of JSON Schema.</summary>
internal static class Schemas
{
    private const string VariablePattern = "\\$\\{[A-Za-z_][A-Za-z0-9_]*(:-[^}]*)?\\}";

    /// <summary>One of the given, or a text with a variable in it, of which only the expanded value can be checked.</summary>
    public static JsonObject OrVariable(params JsonObject[] schemas) => new()
    {
        ["anyOf"] = new JsonArray([.. schemas, new JsonObject { ["type"] = "string", ["pattern"] = VariablePattern }]),
    };
}
