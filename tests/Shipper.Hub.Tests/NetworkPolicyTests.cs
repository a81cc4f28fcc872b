using System.Text.Json.Nodes;
using Shipper.Testing.Program;

namespace Shipper.Hub.Tests;

/// <summary>Which clients the network policy allows to connect to Loki.</summary>
public class NetworkPolicyTests
{
    private static readonly JsonNode Loki = YamlJson.ReadFile(Path.Combine(Repository.Config, "network-policies/loki.yaml")).Single()!["spec"]!;

    [Fact]
    public void Policy_PodSelector_MatchesThePodsOfTheCommunityChart()
    {
        JsonNode service = YamlJson.ReadFile(Path.Combine(Repository.Config, "control-loki-values.yaml")).Single()!["extraObjects"]![0]!;

        Assert.Equal("loki", Loki["podSelector"]!["matchLabels"]!["app.kubernetes.io/name"]!.ToString());
        Assert.Equal("loki", service["spec"]!["selector"]!["app.kubernetes.io/name"]!.ToString());
        Assert.Equal("Local", service["spec"]!["externalTrafficPolicy"]!.ToString());
    }

    [Fact]
    public void Policy_Ingress_AllowsAgentsGrafanaPrometheusAndOtherClusters()
    {
        JsonNode rule = Assert.Single(Loki["ingress"]!.AsArray())!;
        JsonArray from = rule["from"]!.AsArray();

        Assert.Equal("3100", Assert.Single(rule["ports"]!.AsArray())!["port"]!.ToString());
        Assert.Equal(3, from.Count);
        Assert.Equal("shipper", from[0]!["podSelector"]!["matchLabels"]!["app.kubernetes.io/name"]!.ToString());
        // One entry with both selectors: other pods of that namespace, and such pods elsewhere, stay out.
        Assert.Equal("monitoring", from[1]!["namespaceSelector"]!["matchLabels"]!["kubernetes.io/metadata.name"]!.ToString());
        Assert.Equal(["grafana", "prometheus"], from[1]!["podSelector"]!["matchExpressions"]![0]!["values"]!.AsArray().Select(value => value!.ToString()));
        Assert.Equal(["ipBlock"], from[2]!.AsObject().Select(entry => entry.Key));
    }
}
