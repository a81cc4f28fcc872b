using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Shipper.Testing.Program;

namespace Shipper.Documents.Tests;

/// <summary>config/shipper.yaml, which claims to have every key with its default.</summary>
public sealed partial class ConfigFileTests : IDisposable
{
    private static readonly string Name = Path.Combine(Repository.Config, "shipper.yaml");

    private readonly ConfigurationFile _sut = new();

    public void Dispose() => _sut.Dispose();

    [Fact]
    public async Task ConfigFile_Uncommented_HasExactlyTheKeysOfTheSchema()
    {
        JsonNode schema = JsonNode.Parse((await ShipperProgram.RunAsync("schema")).Output)!;

        Assert.Equal(
            Keys(schema, "").Where(IsDescribedOnce).Order(StringComparer.Ordinal),
            Keys(YamlJson.Read(Uncommented()).Single()!, schema, "").Where(IsDescribedOnce).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task ConfigFile_Unchanged_HasTheDefaults()
    {
        var environment = new Dictionary<string, string?> { ["NODE_NAME"] = "worker-1", ["CLUSTER"] = null, ["ENVIRONMENT"] = null, ["LOKI_URL"] = null };
        CommandResult defaults = await ShipperProgram.RunAsync(environment, "config", "--config", _sut.Write("shipper.yaml", "{}"));

        CommandResult result = await ShipperProgram.RunAsync(environment, "config", "--config", Name);

        Assert.Equal(defaults.Output, result.Output);
    }

    [Fact]
    public async Task ConfigFile_UnchangedAndUncommented_IsValidWithoutWarning()
    {
        await _sut.AssertValidAsync(await File.ReadAllTextAsync(Name, TestContext.Current.CancellationToken));
        await _sut.AssertValidAsync(Uncommented());
    }

    /// <summary>The conditions of limits are those of rules.</summary>
    private static bool IsDescribedOnce(string key) => !key.StartsWith("processing.limits[].when.", StringComparison.Ordinal);

    /// <summary>Returns the file with the keys in its comments enabled.</summary>
    private static string Uncommented() =>
        CommentedItem().Replace(CommentedKey().Replace(EmptyList().Replace(File.ReadAllText(Name), "$1:"), "$1"), " $1");

    /// <summary>Returns the keys of the schema.</summary>
    private static IEnumerable<string> Keys(JsonNode section, string path) => section["properties"]!.AsObject().SelectMany(key =>
        key.Value!["properties"] is not null ? Keys(key.Value, $"{path}{key.Key}.")
        : key.Value["items"]?["properties"] is not null ? Keys(key.Value["items"]!, $"{path}{key.Key}[].")
        : [$"{path}{key.Key}"]);

    /// <summary>Returns the keys in a file. Keys that users choose are not part of the schema.</summary>
    private static IEnumerable<string> Keys(JsonNode node, JsonNode? schema, string path) => node.AsObject().SelectMany(key => (schema?["properties"]?[key.Key], key.Value) switch
    {
        ({ } known, JsonObject below) when known["properties"] is not null => Keys(below, known, $"{path}{key.Key}."),
        ({ } known, JsonArray list) when known["items"]?["properties"] is not null => list.SelectMany(item => Keys(item!, known["items"], $"{path}{key.Key}[].")).Distinct(),
        _ => [$"{path}{key.Key}"],
    });

    [GeneratedRegex("(?m)^# ([a-z][A-Za-z]*:)")]
    private static partial Regex CommentedKey();

    /// <summary>An empty list before a comment with items.</summary>
    [GeneratedRegex(@"(?m)^( *[a-z]+): \[\](?=( +#[^\n]*)?\n# {3,}- )")]
    private static partial Regex EmptyList();

    [GeneratedRegex("(?m)^#( {3,}(?:- )?[a-z][A-Za-z]*:)")]
    private static partial Regex CommentedItem();
}
