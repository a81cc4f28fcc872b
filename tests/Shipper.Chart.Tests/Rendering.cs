using System.Text.Json.Nodes;
using Shipper.Testing.Program;

namespace Shipper.Chart.Tests;

/// <summary>A golden rendering of the chart.</summary>
/// <param name="name">Its name.</param>
internal sealed class Rendering(string name)
{
    /// <summary>All objects.</summary>
    public IReadOnlyList<JsonNode> Objects { get; } = [.. YamlJson.ReadFile(ChartFiles.GoldenFile(name)).Select(node => node!)];

    public JsonNode DaemonSet => Get("DaemonSet");

    /// <summary>The agent's pods.</summary>
    public JsonNode Pod => DaemonSet["spec"]!["template"]!["spec"]!;

    /// <summary>The agent.</summary>
    public JsonNode Container => Assert.Single(Pod["containers"]!.AsArray())!;

    /// <summary>The pod of helm test.</summary>
    public JsonNode TestPod => Get("Pod");

    /// <summary>The agent's configuration file.</summary>
    public string Config => Objects.Where(o => Text(o["kind"]) == "ConfigMap").Select(o => o["data"]!["shipper.yaml"]).Single(file => file is not null)!.GetValue<string>();

    /// <summary>The objects of a kind.</summary>
    public IEnumerable<JsonNode> GetAll(string kind) => Objects.Where(o => Text(o["kind"]) == kind);

    /// <summary>The only object of a kind.</summary>
    public JsonNode Get(string kind) => Assert.Single(GetAll(kind));

    /// <summary>The agent's environment, by name.</summary>
    public IReadOnlyDictionary<string, JsonNode> Environment => Container["env"]!.AsArray().ToDictionary(variable => Text(variable!["name"])!, variable => variable!);

    /// <summary>The agent's mounts, by the name of their volume.</summary>
    public IReadOnlyDictionary<string, JsonNode> Mounts => Container["volumeMounts"]!.AsArray().ToDictionary(mount => Text(mount!["name"])!, mount => mount!);

    /// <summary>The agent's volumes, by name.</summary>
    public IReadOnlyDictionary<string, JsonNode> Volumes => Pod["volumes"]!.AsArray().ToDictionary(volume => Text(volume!["name"])!, volume => volume!);

    public static string? Text(JsonNode? node) => node?.ToString();

    public static IEnumerable<string> Texts(JsonNode? list) => list!.AsArray().Select(item => item!.ToString());
}
