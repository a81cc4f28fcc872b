using System.Text.Json.Nodes;
using Shipper.Testing.Program;

namespace Shipper.Chart.Tests;

/// <summary>A golden rendering of the chart.</summary>
/// <param name="name">Name of its values file.</param>
internal sealed class Rendering(string name)
{
    /// <summary>All objects.</summary>
    public IReadOnlyList<JsonNode> Objects { get; } = [.. YamlJson.ReadFile(ChartFiles.GoldenFile(name)).Select(node => node!)];

    public JsonNode DaemonSet => Get("DaemonSet");

    /// <summary>The pod template of the agent.</summary>
    public JsonNode Pod => DaemonSet["spec"]!["template"]!["spec"]!;

    /// <summary>The agent's container.</summary>
    public JsonNode Container => Assert.Single(Pod["containers"]!.AsArray())!;

    /// <summary>The pod of <c>helm test</c>.</summary>
    public JsonNode TestPod => Get("Pod");

    /// <summary>The agent's configuration file.</summary>
    public string Config => Objects.Where(o => Text(o["kind"]) == "ConfigMap").Select(o => o["data"]!["shipper.yaml"]).Single(file => file is not null)!.GetValue<string>();

    /// <summary>Returns the objects of a kind.</summary>
    public IEnumerable<JsonNode> GetAll(string kind) => Objects.Where(o => Text(o["kind"]) == kind);

    /// <summary>Returns the only object of a kind.</summary>
    public JsonNode Get(string kind) => Assert.Single(GetAll(kind));

    /// <summary>The environment variables of the agent, by name.</summary>
    public IReadOnlyDictionary<string, JsonNode> Environment => Container["env"]!.AsArray().ToDictionary(variable => Text(variable!["name"])!, variable => variable!);

    /// <summary>The volume mounts of the agent, by the name of the volume.</summary>
    public IReadOnlyDictionary<string, JsonNode> Mounts => Container["volumeMounts"]!.AsArray().ToDictionary(mount => Text(mount!["name"])!, mount => mount!);

    /// <summary>The volumes of the agent, by name.</summary>
    public IReadOnlyDictionary<string, JsonNode> Volumes => Pod["volumes"]!.AsArray().ToDictionary(volume => Text(volume!["name"])!, volume => volume!);

    public static string? Text(JsonNode? node) => node?.ToString();

    public static IEnumerable<string> Texts(JsonNode? list) => list!.AsArray().Select(item => item!.ToString());
}
