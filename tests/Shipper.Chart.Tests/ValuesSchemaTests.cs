using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Json.Schema;
using Shipper.Testing.Program;

namespace Shipper.Chart.Tests;

/// <summary>values.schema.json, which helm uses to validate values.</summary>
public class ValuesSchemaTests
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static readonly EvaluationOptions Listed = new() { OutputFormat = OutputFormat.List };

    private static readonly JsonSchema Schema = JsonSchema.FromText(File.ReadAllText(ChartFiles.ValuesSchema));

    /// <summary>The part below <c>config</c> comes from the program; the rest is written by hand.</summary>
    [Fact]
    public async Task Schema_OfConfig_EqualsThatOfTheProgram()
    {
        CommandResult program = await ShipperProgram.RunAsync("schema");
        JsonObject config = JsonNode.Parse(program.Output)!.AsObject();
        config.Remove("$schema");
        config.Remove("title");
        config.Insert(0, "description", "The agent's configuration file.");
        string text = await File.ReadAllTextAsync(ChartFiles.ValuesSchema, TestContext.Current.CancellationToken);
        JsonObject schema = JsonNode.Parse(text)!.AsObject();
        schema["properties"]!["config"] = config;
        string expected = schema.ToJsonString(Indented) + "\n";
        if (ChartFiles.IsUpdating)
        {
            await File.WriteAllTextAsync(ChartFiles.ValuesSchema, expected, TestContext.Current.CancellationToken);
            return;
        }

        Assert.True(text == expected, $"values.schema.json differs from the output of shipper schema below config. {ChartFiles.HowToUpdate}");
    }

    /// <summary>Refuses a typo at every level.</summary>
    [Fact]
    public void Schema_ObjectsWithKnownKeys_AllowNoOthers()
    {
        JsonNode schema = JsonNode.Parse(File.ReadAllText(ChartFiles.ValuesSchema))!;

        Assert.Empty(Find(schema, "").Where(found => found.Schema["properties"] is JsonObject && found.Schema["additionalProperties"]?.GetValueKind() != JsonValueKind.False).Select(found => found.Path));

        static IEnumerable<(string Path, JsonObject Schema)> Find(JsonNode? node, string path) => node switch
        {
            JsonObject schema => [(path, schema), .. schema.SelectMany(entry => Find(entry.Value, $"{path}/{entry.Key}"))],
            JsonArray list => list.SelectMany((item, i) => Find(item, $"{path}/{i}")),
            _ => [],
        };
    }

    public static TheoryData<string> Names => [.. ChartFiles.Names];

    public static TheoryData<string, string> Refused => [.. RefusedValues.BySchema.Select(value => new TheoryDataRow<string, string>(value.Set, value.Key))];

    [Theory]
    [MemberData(nameof(Names))]
    public void Schema_ValidValues_AcceptsThem(string name)
    {
        EvaluationResults result = Evaluate(ChartFiles.ReadValues(name));

        Assert.True(result.IsValid, string.Join('\n', Errors(result).Select(error => $"{error.Key}: {error.Message}")));
    }

    [Theory]
    [MemberData(nameof(Refused))]
    public void Schema_InvalidValue_RefusesItAtItsKey(string set, string key)
    {
        JsonObject values = ChartFiles.ReadValues();
        string[] parts = set.Split('=');
        string[] path = [.. parts[0].Replace("\\.", "\n", StringComparison.Ordinal).Split('.').Select(name => name.Replace('\n', '.'))];
        JsonObject section = values;
        foreach (string name in path[..^1])
        {
            section = (JsonObject)(section[name] ??= new JsonObject());
        }

        section[path[^1]] = parts[1].Length == 0 ? "" : YamlJson.Read(parts[1]).Single();
        if (section[path[^1]] is null)
        {
            // Helm does the same with a default that is set to null.
            section.Remove(path[^1]);
        }

        EvaluationResults result = Evaluate(values);

        Assert.False(result.IsValid);
        Assert.Contains(Errors(result), error => error.Key.StartsWith(key, StringComparison.Ordinal));
    }

    private static EvaluationResults Evaluate(JsonObject values) => Schema.Evaluate(JsonSerializer.SerializeToElement(values), Listed);

    private static IEnumerable<(string Key, string Message)> Errors(EvaluationResults result) =>
        (result.Details ?? []).Append(result).Where(detail => !detail.IsValid)
            .Select(detail => (detail.InstanceLocation.ToString().TrimStart('/'), string.Join("; ", (detail.Errors ?? []).Values)));
}
