using System.Text.Json;
using System.Text.Json.Nodes;
using Json.Schema;
using Shipper.Testing.Program;

namespace Shipper.Hub.Tests;

/// <summary>The hub's values files, for the agent's chart and for Loki's.</summary>
public class ValuesTests
{
    private static readonly EvaluationOptions Listed = new() { OutputFormat = OutputFormat.List };

    public static TheoryData<string> OfAgents => [.. FilesOf("*-shipper-values.yaml")];

    public static TheoryData<string> OfLoki => [.. FilesOf("control-loki*-values.yaml")];

    [Theory]
    [MemberData(nameof(OfAgents))]
    public void Values_OfTheAgent_MatchTheSchemaOfTheChart(string name)
    {
        var schema = JsonSchema.FromText(File.ReadAllText(ChartFiles.ValuesSchema));

        var values = (JsonObject)YamlJson.ReadFile(Path.Combine(ChartFiles.Directory, "values.yaml")).Single()!;
        ChartFiles.Merge(values, Read(name));

        EvaluationResults result = schema.Evaluate(JsonSerializer.SerializeToElement(values), Listed);

        Assert.True(result.IsValid, string.Join('\n', (result.Details ?? []).Where(detail => detail.Errors is { Count: > 0 })
            .SelectMany(detail => detail.Errors!.Select(error => $"{detail.InstanceLocation}: {error.Value}"))));
    }

    [Theory]
    [MemberData(nameof(OfAgents))]
    public async Task Values_OfTheAgent_RenderWithEachHelm(string name)
    {
        Assert.SkipWhen(Helm.Programs.Count == 0, "helm is not installed.");
        foreach (string helm in Helm.Programs)
        {
            CommandResult result = await Helm.TemplateAsync(helm, "--values", Path.Combine(Repository.Config, name));

            Assert.True(result.ExitCode == 0, $"{helm}: {result.Error}");
        }
    }

    [Theory]
    [MemberData(nameof(OfAgents))]
    public async Task Config_OfTheAgent_IsValidWithoutWarning(string name)
    {
        string file = Path.Combine(Directory.CreateTempSubdirectory("shipper-values-").FullName, "shipper.yaml");
        await File.WriteAllTextAsync(file, Read(name)["config"]!.ToJsonString(), TestContext.Current.CancellationToken);

        CommandResult result = await ShipperProgram.RunAsync("validate", file, "--skip-files");

        Directory.Delete(Path.GetDirectoryName(file)!, recursive: true);
        Assert.Equal($"{file}: the configuration is valid\n", result.Output);
    }

    /// <summary>Metrics and logs use the same name for a cluster, and an alert fires when its logs stop.</summary>
    [Theory]
    [MemberData(nameof(OfAgents))]
    public void Cluster_Name_IsTheSameInMetricsLogsAndAlert(string name)
    {
        JsonObject values = Read(name);
        string cluster = values["config"]!["cluster"]!.ToString();

        Assert.Contains(values["podMonitor"]!["relabelings"]!.AsArray(), rule => rule!["targetLabel"]!.ToString() == "cluster" && rule["replacement"]!.ToString() == cluster);
        Assert.Contains(HubQuery.OfLokiRules(), rule =>
            rule.Rule["alert"]?.ToString() == "ClusterSilent" && rule.Query.Text.Contains($"{{cluster=\"{cluster}\"}}", StringComparison.Ordinal));
    }

    [Fact]
    public void Agents_LokiUrl_IsWhereLokiListens()
    {
        JsonObject loki = Read("control-loki-values.yaml");
        JsonNode push = Assert.Single(loki["extraObjects"]!.AsArray())!;
        string address = push["metadata"]!["annotations"]!["metallb.io/loadBalancerIPs"]!.ToString();
        string port = push["spec"]!["ports"]![0]!["port"]!.ToString();

        Assert.Equal($"http://{address}:{port}", Url("app-shipper-values.yaml"));
        Assert.Equal("http://loki.logging.svc.cluster.local:3100", Url("control-shipper-values.yaml"));
        Assert.Equal(Url("control-shipper-values.yaml"), YamlJson.ReadFile(Path.Combine(Repository.Config, "grafana/datasource.yaml")).Single()!["datasources"]![0]!["url"]!.ToString());

        static string Url(string name) => Read(name)["config"]!["loki"]!["url"]!.ToString();
    }

    /// <summary>The planned retention and limits, with the keys of the current version of Loki.</summary>
    [Fact]
    public void Values_OfLoki_HaveThePlannedRetentionAndLimits()
    {
        JsonNode loki = Read("control-loki-values.yaml")["loki"]!;
        JsonNode limits = loki["limits_config"]!;

        Assert.Equal("720h", limits["retention_period"]!.ToString());
        Assert.True(loki["compactor"]!["retention_enabled"]!.GetValue<bool>());
        Assert.Equal("50Gi", Read("control-loki-values.yaml")["singleBinary"]!["persistence"]!["size"]!.ToString());
        Assert.Equal("10", limits["ingestion_rate_mb"]!.ToString());
        Assert.Equal("20", limits["ingestion_burst_size_mb"]!.ToString());
        Assert.Equal("5000", limits["max_entries_limit_per_query"]!.ToString());
        Assert.Equal("30", limits["max_label_names_per_series"]!.ToString());
        Assert.Equal("32", limits["max_query_parallelism"]!.ToString());
        // The agent queries for old records that it has just sent. If Loki did not find them, the agent would send them again.
        Assert.Equal("0", loki["querier"]!["query_ingesters_within"]!.ToString());
        // The backlog of one container may use the whole rate, and a duplicate meets the first copy in the same stream.
        Assert.Equal($"{limits["ingestion_rate_mb"]}MB", limits["per_stream_rate_limit"]!.ToString());
        Assert.Equal($"{limits["ingestion_burst_size_mb"]}MB", limits["per_stream_rate_limit_burst"]!.ToString());
        Assert.False(limits["shard_streams"]!["enabled"]!.GetValue<bool>());
        // No record within the retention period is refused because of its age.
        Assert.Equal(limits["retention_period"]!.ToString(), limits["reject_old_samples_max_age"]!.ToString());
    }

    [Theory]
    [MemberData(nameof(OfLoki))]
    public void Values_OfLoki_UseOneObjectStore(string name)
    {
        JsonNode? loki = Read(name)["loki"];
        if (loki?["storage"]?["type"]?.ToString() is { } store)
        {
            Assert.All(loki["schemaConfig"]!["configs"]!.AsArray(), period =>
            {
                Assert.Equal(store, period!["object_store"]!.ToString());
                Assert.Equal("tsdb", period["store"]!.ToString());
                Assert.Equal("v13", period["schema"]!.ToString());
                Assert.Equal("24h", period["index"]!["period"]!.ToString());
            });
            Assert.Equal(store, loki["compactor"]!["delete_request_store"]!.ToString());
        }
    }

    /// <summary>Loki does not start with an unknown key.</summary>
    [Theory]
    [MemberData(nameof(OfLoki))]
    public void Values_OfLoki_AreKnownKeys(string name)
    {
        JsonNode recording = JsonNode.Parse(File.ReadAllText(Path.Combine(Repository.Root, "tests/Shipper.Testing/Recordings/hub/configuration.json")))!;
        HashSet<string> known = [.. recording["keys"]!.AsArray().Select(key => key!.ToString())];
        var sections = new Dictionary<string, string>
        {
            ["limits_config"] = "limits_config",
            ["querier"] = "querier",
            ["compactor"] = "compactor",
            ["rulerConfig"] = "ruler",
            ["analytics"] = "analytics",
            ["commonConfig"] = "common",
            ["server"] = "server",
        };

        IEnumerable<string> set = from entry in (JsonObject)Read(name)["loki"]!
                                  where sections.ContainsKey(entry.Key)
                                  from key in KeysOf(sections[entry.Key], entry.Value)
                                  select key;

        Assert.Empty(set.Except(known));

        static IEnumerable<string> KeysOf(string path, JsonNode? node) =>
            node is JsonObject section ? section.SelectMany(entry => KeysOf($"{path}.{entry.Key}", entry.Value)) : [path];
    }

    [Fact]
    public void Alert_StreamsNearLimit_HasTheConfiguredLimit()
    {
        string limit = Read("control-loki-values.yaml")["loki"]!["limits_config"]!["max_global_streams_per_user"]!.ToString();
        (JsonObject rule, _) = HubQuery.OfPrometheusRules().Single(rule => rule.Rule["alert"]!.ToString() == "LokiStreamsNearLimit");

        Assert.All((string[])[rule["expr"]!.ToString(), rule["annotations"]!["summary"]!.ToString()], text => Assert.Matches($@"\b{limit}\b", text));
    }

    /// <summary>The sidecar puts the rules where the ruler looks for those of the tenant.</summary>
    [Fact]
    public void Rules_Directory_IsWhereTheRulerLooks()
    {
        JsonObject values = Read("control-loki-values.yaml");
        string directory = values["loki"]!["rulerConfig"]!["storage"]!["local"]!["directory"]!.ToString();

        Assert.False(values["loki"]!["auth_enabled"]!.GetValue<bool>());
        Assert.Equal($"{directory}/fake", values["sidecar"]!["rules"]!["folder"]!.ToString());
    }

    private static IEnumerable<string> FilesOf(string pattern) => Directory.GetFiles(Repository.Config, pattern).Select(file => Path.GetFileName(file)).Order(StringComparer.Ordinal);

    private static JsonObject Read(string name) => (JsonObject)YamlJson.ReadFile(Path.Combine(Repository.Config, name)).Single()!;
}
