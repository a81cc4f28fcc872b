using System.Text;
using System.Text.Json.Nodes;
using Shipper.Testing.Program;

namespace Shipper.Chart.Tests;

/// <summary>The chart's README lists every value with its default and its description in the schema.</summary>
public class ReadmeTests
{
    private const string Begin = "<!-- values: made of values.yaml and values.schema.json -->\n";
    private const string End = "<!-- end of values -->\n";

    [Fact]
    public async Task Readme_Table_ListsEveryValue()
    {
        JsonNode schema = JsonNode.Parse(await File.ReadAllTextAsync(ChartFiles.ValuesSchema, TestContext.Current.CancellationToken))!;
        var table = new StringBuilder("| value | default | description |\n|---|---|---|\n");
        Write(table, "", ChartFiles.ReadValues(), schema);

        await GeneratedPart.CheckAsync("charts/shipper/README.md", Begin, End, table.ToString());
    }

    private static void Write(StringBuilder table, string path, JsonObject values, JsonNode schema)
    {
        foreach ((string key, JsonNode? value) in values)
        {
            string name = path + key;
            JsonNode? definition = schema["properties"]?[key];
            Assert.True(definition?["description"] is not null, $"values.schema.json has no description of {name}.");
            if (value is JsonObject { Count: > 0 } section && definition["properties"] is not null && name != "config")
            {
                Write(table, name + ".", section, definition);
            }
            else
            {
                string standard = value is JsonValue text ? text.ToString() : value!.ToJsonString();
                table.Append($"| `{name}` | {(standard.Length == 0 ? "" : $"`{standard}`")} | {definition["description"]} |\n");
            }
        }
    }
}
