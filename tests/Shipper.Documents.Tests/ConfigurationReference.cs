using System.Text;
using System.Text.Json.Nodes;

namespace Shipper.Documents.Tests;

/// <summary>Generates the table of all configuration keys from the JSON Schema.</summary>
internal static class ConfigurationReference
{
    private static readonly string[] AnyText = ["string", "number", "boolean"];

    public static string Create(JsonNode schema)
    {
        var table = new StringBuilder("| key | value | default | |\n|---|---|---|---|\n");
        Write(table, schema, "", []);
        return table.ToString();
    }

    /// <param name="known">Sections that the table has, with their paths.</param>
    private static void Write(StringBuilder table, JsonNode section, string path, Dictionary<string, string> known)
    {
        foreach ((string name, JsonNode? key) in section["properties"]!.AsObject())
        {
            if (key!["properties"] is { } keys)
            {
                if (known.TryAdd(keys.ToJsonString(), path + name))
                {
                    Write(table, key, $"{path}{name}.", known);
                }
                else
                {
                    table.Append($"| `{path}{name}` | the same keys as `{known[keys.ToJsonString()]}` | | {key["description"]} |\n");
                }
            }
            else if (key["items"]?["properties"] is not null)
            {
                Write(table, key["items"]!, $"{path}{name}[].", known);
            }
            else
            {
                bool isRequired = section["required"]?.AsArray().Any(required => required!.ToString() == name) == true;
                table.Append($"| `{path}{name}` | {Describe(key)} | {(isRequired ? "required" : Default(key["default"]))} | {key["description"]} |\n");
            }
        }
    }

    private static string Describe(JsonNode key) => key["anyOf"] is JsonArray choices
        ? string.Join(", or ", choices.Select(choice => Value(choice!)).OfType<string>())
        : Value(key) ?? throw new NotSupportedException($"BUG: no description for {key.ToJsonString()}");

    /// <summary>Describes a value; null for an alternative notation: bytes as a number, a variable.</summary>
    private static string? Value(JsonNode schema) => schema switch
    {
        _ when schema["title"] is { } title => title.ToString(),
        _ when schema["enum"] is JsonArray words => string.Join(", ", words.Select(word => $"`{word}`")),
        _ when schema["type"] is JsonArray types && types.Select(type => type!.ToString()).SequenceEqual(AnyText) => "string",
        _ => schema["type"]?.ToString() switch
        {
            "boolean" => "`true`, `false`",
            "integer" when schema["maximum"] is { } most => $"number, {schema["minimum"]} to {most}",
            "array" when schema["items"] is { } item && (item["enum"] ?? item["anyOf"]?[0]?["enum"]) is JsonArray words =>
                $"list of {string.Join(", ", words.Select(word => $"`{word}`"))}",
            "array" => "list of strings",
            "object" => "names and values",
            _ => null,
        },
    };

    private static string Default(JsonNode? value) =>
        value is null ? ""
        : value is JsonValue text ? text.ToString() is { Length: > 0 } words ? $"`{words}`" : ""
        : $"`{value.ToJsonString().Replace(",\"", ", \"", StringComparison.Ordinal)}`";
}
