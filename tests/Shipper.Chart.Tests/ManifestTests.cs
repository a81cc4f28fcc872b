using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Shipper.Testing.Program;
using static Shipper.Chart.Tests.Rendering;

namespace Shipper.Chart.Tests;

/// <summary>Properties of the agent in a cluster that hold with any values.</summary>
public class ManifestTests
{
    public static TheoryData<string> All => [.. ChartFiles.Names];

    [Theory]
    [MemberData(nameof(All))]
    public void DaemonSet_Update_NeverRunsTwoAgentsOnANode(string name)
    {
        JsonNode spec = new Rendering(name).DaemonSet["spec"]!;

        JsonNode strategy = spec["updateStrategy"]!;
        Assert.True(Text(strategy["type"]) == "OnDelete" || Text(strategy["rollingUpdate"]!["maxSurge"]) == "0");
        Assert.InRange(spec["template"]!["spec"]!["terminationGracePeriodSeconds"]!.GetValue<long>(), 30, long.MaxValue);
    }

    [Theory]
    [MemberData(nameof(All))]
    public void Selectors_Labels_MatchTheAgentAndNotTheTestPod(string name)
    {
        var sut = new Rendering(name);
        JsonObject selector = sut.DaemonSet["spec"]!["selector"]!["matchLabels"]!.AsObject();

        Assert.True(Matches(selector, sut.DaemonSet["spec"]!["template"]!["metadata"]!["labels"]!));
        Assert.False(Matches(selector, sut.TestPod["metadata"]!["labels"]!));
        JsonNode?[] others =
        [
            .. sut.GetAll("NetworkPolicy").Select(o => o["spec"]!["podSelector"]!["matchLabels"]), .. sut.GetAll("Service").Select(o => o["spec"]!["selector"]),
            .. sut.GetAll("PodMonitor").Select(o => o["spec"]!["selector"]!["matchLabels"]),
        ];
        Assert.All(others, other => Assert.True(JsonNode.DeepEquals(selector, other)));
        foreach (JsonNode monitor in sut.GetAll("ServiceMonitor"))
        {
            Assert.Single(sut.GetAll("Service"), service => Matches(monitor["spec"]!["selector"]!["matchLabels"]!.AsObject(), service["metadata"]!["labels"]!));
        }

        static bool Matches(JsonObject selector, JsonNode labels) => selector.All(label => Text(labels[label.Key]) == Text(label.Value));
    }

    [Theory]
    [MemberData(nameof(All))]
    public void Agent_SecurityContext_AllowsOnlyWhatReadingRequires(string name)
    {
        var sut = new Rendering(name);
        JsonNode security = sut.Container["securityContext"]!;

        Assert.Equal(["ALL"], Texts(security["capabilities"]!["drop"]));
        Assert.Equal(["DAC_READ_SEARCH"], Texts(security["capabilities"]!["add"]));
        Assert.Equal("false", Text(security["allowPrivilegeEscalation"]));
        Assert.Equal("true", Text(security["readOnlyRootFilesystem"]));
        Assert.Null(security["privileged"]);
        Assert.Equal("0", Text(sut.Pod["securityContext"]!["runAsUser"]));
        Assert.Equal("RuntimeDefault", Text(sut.Pod["securityContext"]!["seccompProfile"]!["type"]));
        Assert.Null(sut.Pod["hostPID"]);
        Assert.Null(sut.Pod["hostIPC"]);
    }

    [Theory]
    [MemberData(nameof(All))]
    public void TestPod_SecurityContext_HasNoPrivileges(string name)
    {
        JsonNode pod = new Rendering(name).TestPod["spec"]!;
        JsonNode security = Assert.Single(pod["containers"]!.AsArray())!["securityContext"]!;

        Assert.Equal("true", Text(pod["securityContext"]!["runAsNonRoot"]));
        Assert.Equal("false", Text(pod["automountServiceAccountToken"]));
        Assert.Equal("RuntimeDefault", Text(pod["securityContext"]!["seccompProfile"]!["type"]));
        Assert.Equal(["ALL"], Texts(security["capabilities"]!["drop"]));
        Assert.Equal("false", Text(security["allowPrivilegeEscalation"]));
        Assert.Equal("true", Text(security["readOnlyRootFilesystem"]));
        Assert.DoesNotContain("hostPath", pod.ToJsonString(), StringComparison.Ordinal);
    }

    /// <summary>Otherwise the test would pass with the agent of another release.</summary>
    [Theory]
    [MemberData(nameof(All))]
    public void TestPod_Script_AsksTheAgentOfItsOwnReleaseAndNode(string name)
    {
        var sut = new Rendering(name);
        JsonNode service = Assert.Single(sut.GetAll("Service"), service => Text(service["metadata"]!["annotations"]?["helm.sh/hook"]) == "test");
        string script = Text(sut.TestPod["spec"]!["containers"]![0]!["args"]![0])!;
        string port = Text(Assert.Single(sut.Container["ports"]!.AsArray())!["containerPort"])!;

        Assert.Equal("Local", Text(service["spec"]!["internalTrafficPolicy"]));
        Assert.Equal(port, Text(Assert.Single(service["spec"]!["ports"]!.AsArray())!["port"]));
        Assert.Contains($"AGENT=http://{service["metadata"]!["name"]}.{service["metadata"]!["namespace"]}:{port}\n", script, StringComparison.Ordinal);
        foreach (JsonArray peers in sut.GetAll("NetworkPolicy").SelectMany(policy => policy["spec"]!["ingress"]!.AsArray()).Select(rule => rule!["from"]).OfType<JsonArray>())
        {
            Assert.Contains(peers, peer => peer!["podSelector"]?["matchLabels"] is JsonObject labels && labels.All(label => Text(sut.TestPod["metadata"]!["labels"]![label.Key]) == Text(label.Value)));
        }
    }

    /// <summary>The agent needs a moment until it listens and knows the pods. A probe before that causes a Warning event.</summary>
    [Theory]
    [MemberData(nameof(All))]
    public void Probes_InitialDelay_LetsTheAgentStart(string name)
    {
        var sut = new Rendering(name);

        Assert.All((string[])["livenessProbe", "readinessProbe"], probe => Assert.InRange(sut.Container[probe]!["initialDelaySeconds"]!.GetValue<long>(), 3, 10));
    }

    [Theory]
    [MemberData(nameof(All))]
    public void Mounts_ExceptState_AreReadOnly(string name)
    {
        var sut = new Rendering(name);

        Assert.Equal("state", Assert.Single(sut.Mounts, mount => Text(mount.Value["readOnly"]) != "true").Key);
        Assert.Equal(Text(YamlJson.Read(sut.Config).Single()!["state"]?["path"]) ?? "/var/lib/shipper", Text(sut.Mounts["state"]["mountPath"]));
        Assert.Equal(sut.Mounts.Keys.Order(), sut.Volumes.Keys.Order());
        Assert.Equal("/var/log", Text(sut.Volumes["logs"]["hostPath"]!["path"]));
        Assert.Equal("/var/log", Text(sut.Mounts["logs"]["mountPath"]));
        // A file mounted with subPath would not follow changes of the ConfigMap.
        Assert.All(sut.Mounts.Values, mount => Assert.Null(mount["subPath"]));
        Assert.Equal(["run", "--config", $"{Text(sut.Mounts["config"]["mountPath"])}/shipper.yaml"], Texts(sut.Container["args"]));
    }

    [Theory]
    [MemberData(nameof(All))]
    public void Token_OfServiceAccount_IsMountedOnlyIfNeeded(string name)
    {
        var sut = new Rendering(name);
        JsonNode? kubernetes = YamlJson.Read(sut.Config).Single()!["kubernetes"];
        bool isNeeded = Text(kubernetes?["enabled"]) != "false" && kubernetes?["kubeconfig"] is null;

        Assert.Equal(isNeeded ? "true" : "false", Text(sut.Pod["automountServiceAccountToken"]));
        Assert.All(sut.GetAll("ServiceAccount"), account => Assert.Equal("false", Text(account["automountServiceAccountToken"])));
        Assert.Equal(isNeeded ? 1 : 0, sut.GetAll("ClusterRole").Count());
        foreach (JsonNode role in sut.GetAll("ClusterRole"))
        {
            JsonNode rule = Assert.Single(role["rules"]!.AsArray())!;
            Assert.Equal([""], Texts(rule["apiGroups"]));
            Assert.Equal(["namespaces", "nodes", "pods"], Texts(rule["resources"]).Order());
            Assert.Equal(["get", "list", "watch"], Texts(rule["verbs"]).Order());
            JsonNode subject = Assert.Single(sut.Get("ClusterRoleBinding")["subjects"]!.AsArray())!;
            Assert.Equal(Text(sut.Pod["serviceAccountName"]), Text(subject["name"]));
            Assert.Equal(Text(sut.DaemonSet["metadata"]!["namespace"]), Text(subject["namespace"]));
        }
    }

    [Theory]
    [MemberData(nameof(All))]
    public void Probes_Port_IsTheOneTheAgentListensOn(string name)
    {
        var sut = new Rendering(name);
        string listen = Text(YamlJson.Read(sut.Config).Single()!["server"]?["listen"]) ?? ":2020";
        JsonNode port = Assert.Single(sut.Container["ports"]!.AsArray())!;

        Assert.EndsWith($":{port["containerPort"]}", listen, StringComparison.Ordinal);
        Assert.Equal(listen, Text(sut.DaemonSet["spec"]!["template"]!["metadata"]!["annotations"]!["shipper.io/listen"]));
        foreach ((string probe, string path) in (ReadOnlySpan<(string, string)>)[("livenessProbe", "/healthz"), ("readinessProbe", "/readyz")])
        {
            Assert.Equal(path, Text(sut.Container[probe]!["httpGet"]!["path"]));
            Assert.Equal(Text(port["name"]), Text(sut.Container[probe]!["httpGet"]!["port"]));
        }

        Assert.Equal("spec.nodeName", Text(sut.Environment["NODE_NAME"]["valueFrom"]!["fieldRef"]!["fieldPath"]));
    }

    [Theory]
    [InlineData("default", "64Mi", "128Mi", 96)]
    [InlineData("minimal", "128Mi", "256Mi", 192)]
    [InlineData("full", "192Mi", "0.25Gi", 192)]
    [InlineData("pod-monitor", null, null, null)]
    public void Memory_HeapLimit_IsThreeQuartersOfTheLimit(string name, string? request, string? limit, int? heapMiB)
    {
        var sut = new Rendering(name);
        JsonNode resources = sut.Container["resources"]!;

        Assert.Equal(request, Text(resources["requests"]!["memory"]));
        Assert.Equal(limit, Text(resources["limits"]?["memory"]));
        Assert.Null(resources["limits"]?["cpu"]);
        // Hexadecimal without 0x: NativeAOT does not parse a number with this prefix.
        string? heap = sut.Environment.TryGetValue("DOTNET_GCHeapHardLimit", out JsonNode? variable) ? Text(variable["value"]) : null;
        Assert.Equal(heapMiB, heap is null ? null : int.Parse(heap, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture) >> 20);
    }

    /// <summary>Measured by the address space that the garbage collector reserves.</summary>
    [Fact]
    public async Task Memory_HeapLimit_TakesEffectInTheProgram()
    {
        const string Name = "DOTNET_GCHeapHardLimit";
        string? limit = Text(new Rendering("default").Environment[Name]["value"]);

        Assert.InRange(await MeasureAsync(limit), 1, await MeasureAsync(null) / 2);

        static async Task<double> MeasureAsync(string? limit)
        {
            using var node = new NodeDirectory();
            await using RunningShipper sut = RunningShipper.Start(node, new Uri("http://127.0.0.1:1"), environment: new Dictionary<string, string?> { [Name] = limit });
            await sut.WaitUntilReadyAsync();
            return (await sut.GetMetricsAsync())["process_virtual_memory_bytes"];
        }
    }

    /// <summary>The running agent reloads changes of the file. With a new pod for each change, nothing would be read in the meantime.</summary>
    [Theory]
    [MemberData(nameof(All))]
    public void Pod_Annotations_HaveNoChecksumOfTheConfiguration(string name)
    {
        JsonNode annotations = new Rendering(name).DaemonSet["spec"]!["template"]!["metadata"]!["annotations"]!;

        Assert.DoesNotContain(annotations.AsObject(), annotation => annotation.Key.StartsWith("checksum/", StringComparison.Ordinal));
    }

    [Theory]
    [MemberData(nameof(All))]
    public void Names_OfObjects_AreValidAndUnique(string name)
    {
        var sut = new Rendering(name);

        Assert.All(sut.Objects, o => Assert.Matches("^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$", Text(o["metadata"]!["name"])));
        Assert.Equal(sut.Objects.Count, sut.Objects.Select(o => $"{o["kind"]}/{o["metadata"]!["name"]}").Distinct().Count());
        foreach (JsonNode o in sut.Objects)
        {
            Assert.Equal(Text(o["kind"])!.StartsWith("ClusterRole", StringComparison.Ordinal), o["metadata"]!["namespace"] is null);
            Assert.All(o["metadata"]!["labels"]!.AsObject(), label => Assert.Matches("^[A-Za-z0-9._-]{1,63}$", Text(label.Value)));
        }
    }

    [Theory]
    [MemberData(nameof(All))]
    public async Task Config_Rendered_IsValidWithoutWarning(string name)
    {
        string file = Path.GetTempFileName();
        await File.WriteAllTextAsync(file, new Rendering(name).Config, TestContext.Current.CancellationToken);

        var environment = new Dictionary<string, string?> { ["NODE_NAME"] = "node-1" };
        CommandResult result = await ShipperProgram.RunAsync(environment, "validate", file, "--skip-files");

        File.Delete(file);
        Assert.Equal($"{file}: the configuration is valid\n", result.Output);
    }

    [Fact]
    public void Variables_InConfig_ReachTheProgramAndTheTestPod()
    {
        var sut = new Rendering("docker-tls");
        string script = Text(sut.TestPod["spec"]!["containers"]![0]!["args"]![0])!;

        Assert.Contains("cluster: ${CLUSTER:-edge}", sut.Config, StringComparison.Ordinal);
        Assert.Contains("CLUSTER=\"${CLUSTER:-edge}\"", script, StringComparison.Ordinal);
        Assert.Contains("\"X-Origin: of \\\"\\${HOME}\\\" and ${NODE_NAME}\"", script, StringComparison.Ordinal);
        // Kubernetes would read $$ as an escaped $.
        Assert.DoesNotMatch(new Regex(@"\$\$"), script);
    }

    [Fact]
    public void Docker_DirectoryOfTheNode_IsMountedAtTheSamePath()
    {
        var sut = new Rendering("docker-tls");

        Assert.Equal(Text(sut.Volumes["docker"]["hostPath"]!["path"]), Text(sut.Mounts["docker"]["mountPath"]));
        Assert.DoesNotContain("docker", new Rendering("default").Volumes.Keys);
    }

    [Fact]
    public void NetworkPolicy_Rules_AllowOnlyMetricsLokiApiServerAndDns()
    {
        JsonNode spec = new Rendering("docker-tls").Get("NetworkPolicy")["spec"]!;

        Assert.Equal(["Ingress", "Egress"], Texts(spec["policyTypes"]));
        Assert.Equal(["TCP/9090"], Ports(spec["ingress"]!));
        Assert.Equal(["TCP/443", "TCP/443", "TCP/53", "TCP/6443", "UDP/53"], Ports(spec["egress"]!).Order(StringComparer.Ordinal));

        static IEnumerable<string> Ports(JsonNode rules) =>
            rules.AsArray().SelectMany(rule => rule!["ports"]!.AsArray()).Select(port => $"{port!["protocol"]}/{port["port"]}");
    }
}
