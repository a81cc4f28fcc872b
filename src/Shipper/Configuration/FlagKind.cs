using System.Text.Json.Nodes;

namespace Shipper.Configuration;

/// <summary>A flag: true or false.</summary>
internal sealed class FlagKind : ValueKind<bool>
{
    public override string Expected => "true or false";

    public override bool TryParse(string text, out bool value, out string? problem)
    {
        problem = null;
        value = text is "true" or "True" or "TRUE";
        return value || text is "false" or "False" or "FALSE";
    }

    public override string Format(bool value) => value ? "true" : "false";

    public override JsonObject Describe() => JsonSchemas.AllowVariable(new JsonObject { ["type"] = "boolean" });

    public override JsonNode? ToJson(bool value) => JsonValue.Create(value);
}
