using System.Text.Json;
using Shipper.Testing.Program;

namespace Shipper.Tests;

public sealed class ConfigTests : IDisposable
{
    private readonly string _file = Path.Combine(Directory.CreateTempSubdirectory("shipper-test-").FullName, "shipper.yaml");

    public void Dispose() => Directory.Delete(Path.GetDirectoryName(_file)!, recursive: true);

    /// <summary>The defaults that users rely on when they leave out a key.</summary>
    [Fact]
    public async Task Config_EmptyMapping_PrintsDefaults()
    {
        string effective = await ConfigAsync("{}", new() { ["NODE_NAME"] = "worker-1" });

        Assert.Equal(
            """
            cluster: app-cluster
            environment: production
            node: worker-1
            labels: {}
            sources:
              containers:
                enabled: true
                include:
                - "/var/log/containers/*.log"
                exclude: []
                scanInterval: 1s
                startAt: beginning
                maxLineSize: 256KiB
                longLines: truncate
                heldBytes: 2GiB
              journal:
                enabled: true
                directories:
                - "/var/log/journal"
                - "/run/log/journal"
                units: []
                exclude: []
                since: 1h
              files: []
            kubernetes:
              enabled: true
              kubeconfig: ""
              namespaces:
                include:
                - "*"
                exclude: []
              whenUnknown: ship
              labels: {}
              structuredMetadata: {}
              annotations:
                allow:
                - "*"
                namespaces: false
                foreign: true
            processing:
              multiline: traces
              ansi: keep
              level: detect
              trace: off
              fields: {}
              rules: []
              limits: []
              redact:
                secrets: false
                personal: []
                patterns: []
            tests: []
            loki:
              url: http://loki:3100
              tenant: ""
              headers: {}
              basicAuth:
                username: ""
                passwordFile: ""
              bearerTokenFile: ""
              tls:
                caFile: ""
                certFile: ""
                keyFile: ""
                serverName: ""
                insecureSkipVerify: false
              batch:
                size: 1MiB
                wait: 1s
              timeout: 10s
              retry:
                initial: 500ms
                max: 30s
                limit: 0
              confirmResends: true
              structuredMetadata: auto
            buffer:
              memory: 32MiB
            state:
              path: /var/lib/shipper
            server:
              listen: :2020
              grafana: ""
            log:
              level: info
              format: json

            """,
            effective);
    }

    /// <summary>Conditions that are not set are left out: they have no default.</summary>
    [Fact]
    public async Task Config_RulesLimitsAndTests_PrintsThemWithDefaults()
    {
        string effective = await ConfigAsync("""
            processing:
              multiline: [json, java]
              rules:
              - {name: chatter, when: {namespace: batch-*, level: [debug], text: {contains: tick}}, do: {sample: 100}}
              - {name: kubelet, when: {unit: kubelet, field: {a.b: 2*}}, do: keep}
              - {name: probes, preset: health-checks, do: drop}
              limits: [{name: noisy, bytes: 1 Mi}]
              redact: {personal: [ips, cards], patterns: [{name: order, pattern: 'ORD-\d+'}]}
            tests:
            - {name: t, from: {unit: kubelet.service}, input: "a\nb", expect: [{line: "", level: none, metadata: {user: ann}}]}
            sources: {files: [{include: [/a.log], ansi: strip, fields: {}}]}
            """);

        Assert.Contains(
            """
              multiline: [java, json]
              ansi: keep
              level: detect
              trace: off
              fields: {}
              rules:
              - name: chatter
                when:
                  namespace:
                  - "batch-*"
                  level:
                  - "debug"
                  text:
                    contains:
                    - "tick"
                do:
                  sample: 100
              - name: kubelet
                when:
                  unit:
                  - "kubelet"
                  - "kubelet.service"
                  field:
                    a.b: "2*"
                do: keep
              - name: probes
                preset: health-checks
                do: drop
              limits:
              - name: noisy
                bytes: 1MiB
                burst: 10s
                over: slow
              redact:
                secrets: false
                personal:
                - "cards"
                - "ips"
                patterns:
                - name: order
                  pattern: ORD-\d+
            tests:
            - name: t
              from:
                source: journal
                unit: kubelet.service
              input: "a\nb"
              expect:
              - line: ""
                level: none
                metadata:
                  user: "ann"
            loki:
            """,
            effective,
            StringComparison.Ordinal);
        Assert.Contains("labels: {}\n    multiline: [java, json]\n    ansi: strip\n    level: detect\n    trace: off\n    fields: {}\n", effective, StringComparison.Ordinal);
        Assert.Equal(effective, await ConfigAsync(effective));
    }

    [Theory]
    [InlineData("auto", "auto")]
    [InlineData("false", "off")]
    [InlineData("java", "[java]")]
    [InlineData("{start: '^a'}", "\n    start: ^a")]
    [InlineData("{continue: '^ '}", "\n    continue: \"^ \"")]
    public async Task Config_Multiline_PrintsEachShape(string value, string printed)
    {
        string effective = await ConfigAsync($"processing: {{multiline: {value}}}");

        Assert.Contains($"multiline:{(printed[0] == '\n' ? "" : " ")}{printed}\n", effective, StringComparison.Ordinal);
        Assert.Equal(effective, await ConfigAsync(effective));
    }

    [Fact]
    public async Task Config_OwnOutputAsInput_PrintsTheSame()
    {
        string effective = await ConfigAsync("""
            cluster: "a: b # c"
            node: "null"
            environment: "costs $5, not $${PRICE}"
            labels: {team: "x \"y\""}
            sources: {containers: {startAt: 90m, scanInterval: 1500ms}, files: [{include: [/a/**/*.log], labels: {job: j}}]}
            """);

        Assert.Equal(effective, await ConfigAsync(effective, new() { ["PRICE"] = "expanded" }));
    }

    [Fact]
    public async Task Config_EnvironmentVariables_ExpandsThem()
    {
        string effective = await ConfigAsync(
            """
            cluster: ${CLUSTER:-fallback}-x
            environment: ${UNSET_HERE:-from default}
            loki: {url: "http://${HOST}:3100", timeout: "${SECONDS}s"}
            """,
            new() { ["CLUSTER"] = "prod", ["HOST"] = "hub", ["SECONDS"] = "7", ["UNSET_HERE"] = "" });

        Assert.Contains("cluster: prod-x\n", effective, StringComparison.Ordinal);
        Assert.Contains("environment: from default\n", effective, StringComparison.Ordinal);
        Assert.Contains("url: http://hub:3100\n", effective, StringComparison.Ordinal);
        Assert.Contains("timeout: 7s\n", effective, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Config_SecretInHeader_MasksIt()
    {
        string effective = await ConfigAsync("loki: {headers: {Authorization: \"Bearer ${TOKEN}\"}}", new() { ["TOKEN"] = "s3cret" });

        Assert.DoesNotContain("s3cret", effective, StringComparison.Ordinal);
        Assert.Contains("Authorization: \"***\"", effective, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Schema_Command_DescribesEveryKey()
    {
        CommandResult result = await ShipperProgram.RunAsync("schema");
        Assert.Equal(0, result.ExitCode);
        using JsonDocument schema = JsonDocument.Parse(result.Output);

        Assert.Equal("https://json-schema.org/draft/2020-12/schema", schema.RootElement.GetProperty("$schema").GetString());
        AssertDescribed(schema.RootElement, "");
    }

    private static void AssertDescribed(JsonElement section, string path)
    {
        Assert.False(section.GetProperty("additionalProperties").GetBoolean());
        foreach (JsonProperty key in section.GetProperty("properties").EnumerateObject())
        {
            Assert.EndsWith(".", key.Value.GetProperty("description").GetString(), StringComparison.Ordinal);
            if (key.Value.TryGetProperty("properties", out _))
            {
                AssertDescribed(key.Value, $"{path}.{key.Name}");
            }
            else
            {
                Assert.True(key.Value.TryGetProperty("default", out _), $"{path}.{key.Name} has no default");
            }
        }
    }

    private async Task<string> ConfigAsync(string yaml, Dictionary<string, string?>? environment = null)
    {
        await File.WriteAllTextAsync(_file, yaml, TestContext.Current.CancellationToken);
        CommandResult result = await ShipperProgram.RunAsync(environment ?? [], "config", "--config", _file);
        Assert.Equal("", result.Error);
        Assert.Equal(0, result.ExitCode);
        return result.Output;
    }
}
