using System.Text.Json.Nodes;
using Json.Schema;
using Shipper.Testing.Program;

namespace Shipper.Documents.Tests.Workflows;

/// <summary>GitHub's schema of workflow files (README.md), translated into a JSON Schema.</summary>
internal static class WorkflowSchema
{
    private static readonly string File = Path.Combine(Repository.Root, "tests/Shipper.Documents.Tests/Workflows/workflow-v1.0.json");

    /// <summary>Reads the schema.</summary>
    public static JsonSchema Load()
    {
        JsonObject definitions = JsonNode.Parse(System.IO.File.ReadAllText(File))!["definitions"]!.AsObject();
        var schema = new JsonObject
        {
            ["$schema"] = "https://json-schema.org/draft/2020-12/schema",
            ["$defs"] = new JsonObject(definitions.Select(definition => KeyValuePair.Create(definition.Key, (JsonNode?)Define(definitions, definition.Value!.AsObject())))),
            ["$ref"] = "#/$defs/workflow-root-strict",
        };
        return JsonSchema.FromText(schema.ToJsonString());
    }

    /// <summary>Translates a definition. If it has a context, GitHub evaluates expressions there, and any value may be one.</summary>
    private static JsonObject Define(JsonObject definitions, JsonObject definition)
    {
        JsonObject schema = definition switch
        {
            _ when definition["string"] is JsonObject text => DefineString(text),
            _ when definition["mapping"] is JsonObject mapping => DefineMapping(definitions, mapping),
            _ when definition["sequence"] is JsonObject sequence => new JsonObject { ["type"] = "array", ["items"] = Refer(definitions, sequence["item-type"]) },
            _ when definition["one-of"] is JsonArray types => new JsonObject { ["anyOf"] = new JsonArray([.. types.Select(type => Refer(definitions, type))]) },
            _ when definition["allowed-values"] is JsonArray values => new JsonObject { ["enum"] = values.DeepClone() },
            _ => BuiltIn(((string[])["null", "boolean", "number"]).FirstOrDefault(definition.ContainsKey) ?? "any"),
        };
        return definition.ContainsKey("context")
            ? new JsonObject { ["anyOf"] = new JsonArray(schema, Expression()) }
            : schema;
    }

    private static JsonObject DefineString(JsonObject text)
    {
        if (text["constant"] is { } constant)
        {
            return new JsonObject { ["const"] = constant.DeepClone() };
        }

        JsonObject schema = BuiltIn("string");
        if (text["require-non-empty"]?.GetValue<bool>() == true)
        {
            schema["minLength"] = 1;
        }

        return schema;
    }

    private static JsonObject DefineMapping(JsonObject definitions, JsonObject mapping)
    {
        JsonObject properties = mapping["properties"]?.AsObject() ?? [];
        return new JsonObject
        {
            ["type"] = "object",
            ["properties"] = new JsonObject(properties.Select(property => KeyValuePair.Create(property.Key, (JsonNode?)Refer(definitions, property.Value is JsonObject detailed ? detailed["type"] : property.Value)))),
            ["required"] = new JsonArray([.. properties.Where(property => property.Value is JsonObject detailed && detailed["required"]?.GetValue<bool>() == true).Select(property => JsonValue.Create(property.Key))]),
            ["additionalProperties"] = mapping["loose-value-type"] is { } other ? Refer(definitions, other) : JsonValue.Create(false),
        };
    }

    private static JsonNode Refer(JsonObject definitions, JsonNode? type)
    {
        string name = type!.GetValue<string>();
        return definitions.ContainsKey(name) && name != "any" ? new JsonObject { ["$ref"] = $"#/$defs/{name}" } : BuiltIn(name);
    }

    private static JsonObject Expression() => new() { ["type"] = "string", ["pattern"] = @"\$\{\{" };

    /// <summary>
    /// A type that needs no definition. A number or a boolean is also a string, as YAML writes all of them without quotes. It may be an expression, since a
    /// definition that contains it may have a context.
    /// </summary>
    private static JsonObject BuiltIn(string name) => name switch
    {
        "any" => [],
        "string" => new JsonObject { ["type"] = new JsonArray("string", "number", "boolean") },
        "sequence" => new JsonObject { ["type"] = "array" },
        "mapping" => new JsonObject { ["type"] = "object" },
        "null" => new JsonObject { ["type"] = name },
        "boolean" or "number" => new JsonObject { ["anyOf"] = new JsonArray(new JsonObject { ["type"] = name }, Expression()) },
        _ => throw new NotSupportedException($"The schema names a type '{name}' and does not define it."),
    };
}
