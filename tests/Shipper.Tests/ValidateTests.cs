using Shipper.Testing.Program;

namespace Shipper.Tests;

public sealed class ValidateTests : IDisposable
{
    /// <summary>A configuration with every key.</summary>
    private const string Whole = """
        cluster: app-cluster
        environment: production
        node: ${NODE_NAME}
        labels: {}
        sources:
          containers:
            enabled: true
            include: ["/var/log/containers/*.log"]
            exclude: []
            scanInterval: 1s
            startAt: beginning
            maxLineSize: 256KiB
            longLines: truncate
            heldBytes: 2GiB
          journal:
            enabled: true
            directories: ["/var/log/journal", "/run/log/journal"]
            units: []
            exclude: []
            since: 1h
          files:
            - include: ["/var/log/kubernetes/audit/*.log"]
              labels: {job: kube-audit}
              multiline: off
              ansi: keep
              level: detect
              trace: off
              fields: {verb: verb}
        kubernetes:
          enabled: true
          kubeconfig: ""
          namespaces: {include: ["*"], exclude: []}
          whenUnknown: ship
          labels: {app: "label:app.kubernetes.io/name"}
          structuredMetadata: {pod_uid: podUid, image: image}
          annotations: {allow: ["*"], namespaces: false, foreign: true}
        processing:
          multiline: traces
          ansi: keep
          level: detect
          trace: off
          fields: {user: user.id}
          rules:
            - {name: probes, preset: health-checks, do: drop}
            - {name: chatter, when: {namespace: ["batch-*"], level: [debug], text: {contains: ["heartbeat"]}}, do: {sample: 100}}
          limits:
            - {name: noisy, when: {namespace: ["batch-*"]}, bytes: 1MiB, lines: 5000, burst: 10s, over: slow}
          redact:
            secrets: true
            personal: [cards, emails, ips, ibans]
            patterns: [{name: order, pattern: 'ORD-[0-9]{8}'}]
        tests:
          - {name: probes go, from: {namespace: shop, container: nginx}, input: "…", expect: []}
        loki:
          url: http://loki:3100
          tenant: ""
          headers: {}
          basicAuth: {username: "", passwordFile: ""}
          bearerTokenFile: ""
          tls: {caFile: "", certFile: "", keyFile: "", serverName: "", insecureSkipVerify: false}
          batch: {size: 1MiB, wait: 1s}
          timeout: 10s
          retry: {initial: 500ms, max: 30s, limit: 0}
          confirmResends: true
        buffer: {memory: 32MiB}
        state: {path: /var/lib/shipper}
        server: {listen: ":2020"}
        log: {level: info, format: json}
        """;

    private readonly string _file = Path.Combine(Directory.CreateTempSubdirectory("shipper-test-").FullName, "shipper.yaml");

    public void Dispose() => Directory.Delete(Path.GetDirectoryName(_file)!, recursive: true);

    [Theory]
    [InlineData("{}")]
    [InlineData("loki: {url: \"http://loki:3100\"}")]
    [InlineData("", "the configuration is empty; the smallest useful one is loki: {url: \"http://loki:3100\"}")]
    [InlineData("# nothing but a comment\n", "the configuration is empty")]
    [InlineData("---\n", "the configuration is empty")]
    [InlineData("loki:\n")]
    [InlineData(Whole)]
    [InlineData("a: &x {}\nb: 1", "unknown key \"a\"")]
    public async Task Validate_Configuration_AcceptsOrRefusesIt(string yaml, string? problem = null)
    {
        CommandResult result = await ValidateAsync(yaml);

        Assert.Equal(problem is null ? 0 : 2, result.ExitCode);
        Assert.Contains(problem ?? "", result.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("clutser: x", 1, 1, "unknown key \"clutser\"; did you mean \"cluster\"?")]
    [InlineData("loki:\n  batch:\n    sise: 1MiB", 3, 5, "unknown key \"sise\" in loki.batch; did you mean \"size\"?")]
    [InlineData("loki: {completelyDifferent: 1}", 1, 8, "unknown key \"completelyDifferent\" in loki; known keys are url, tenant, headers")]
    [InlineData("loki:\n  timeout: 10", 2, 12, "loki.timeout must be a duration such as 500ms, 10s, 5m, 1h or 1d, not \"10\"")]
    [InlineData("loki:\n  timeout: 11m", 2, 12, "loki.timeout must be at least 10ms and at most 10m, not \"11m\"")]
    [InlineData("loki:\n  batch: {size: 1Mib}", 2, 17, "loki.batch.size must be a size such as 256KiB, 1MiB or 2GiB, not \"1Mib\"")]
    [InlineData("loki:\n  batch: {size: 1B}", 2, 17, "loki.batch.size must be at least 1KiB")]
    [InlineData("loki: [1, 2]", 1, 7, "loki must be a mapping, not a list")]
    [InlineData("loki:\n  url: loki:3100", 2, 8, "loki.url must be an address such as http://loki:3100")]
    [InlineData("loki:\n  url: http://me:secret@loki", 2, 8, "loki.url must be an address without credentials")]
    [InlineData("loki:\n  tenant: a/b", 2, 11, "loki.tenant must be a tenant of at most 150")]
    [InlineData("loki:\n  headers: {\"a b\": c}", 2, 13, "loki.headers.a b: not a valid name of an HTTP header")]
    [InlineData("loki:\n  headers: {Content-Type: c}", 2, 13, "the agent sets this header itself, or it makes no sense")]
    [InlineData("loki:\n  retry: {limit: -1}", 2, 18, "loki.retry.limit must be a whole number from 0")]
    [InlineData("loki:\n  retry: {initial: 1m}", 2, 20, "loki.retry.initial must not be longer than loki.retry.max")]
    [InlineData("loki:\n  tls: {insecureSkipVerify: maybe}", 2, 29, "must be true or false, not \"maybe\"")]
    [InlineData("sources: {containers: {include: /var/log/x}}", 1, 33, "sources.containers.include must be a list, not \"/var/log/x\"")]
    [InlineData("sources: {containers: {include: [var/log/x]}}", 1, 34, "\"var/log/x\" must be an absolute path")]
    [InlineData("sources: {containers: {include: []}}", 1, 33, "sources.containers.include is empty")]
    [InlineData("sources: {containers: {startAt: middle}}", 1, 33, "must be beginning, end, or a duration")]
    [InlineData("sources: {containers: {longLines: split}}", 1, 35, "must be truncate or skip")]
    [InlineData("sources: {containers: {maxLineSize: 3MiB}}\nbuffer: {memory: 128MiB}", 1, 37, "together must stay below 3.5MiB")]
    [InlineData("sources: {files: [{labels: {job: x}}]}", 1, 19, "sources.files[0].include is empty")]
    [InlineData("sources: {files: [{include: [/a/*.log], labels: {namespace: x}}]}", 1, 50, "sources.files[0].labels.namespace: the agent sets this label itself")]
    [InlineData("labels: {1abc: x}", 1, 10, "labels.1abc: not a valid label name")]
    [InlineData("labels: {pod: x}", 1, 10, "labels.pod: the agent sets this label itself")]
    [InlineData("labels: {a: 1, b: 1, c: 1, d: 1, e: 1, f: 1, g: 1, h: 1, i: 1, j: 1}", 1, 1, "a stream has 16 labels, but Loki accepts at most 15")]
    [InlineData("kubernetes: {labels: {app: podlabel}}", 1, 23, "\"podlabel\" is not a known source")]
    [InlineData("kubernetes: {structuredMetadata: {stream: podUid}}", 1, 35, "the agent uses this name itself")]
    [InlineData("kubernetes: {labels: {cluster: \"label:x\"}}", 1, 23, "the agent sets this label itself")]
    [InlineData("kubernetes: {namespaces: {include: []}}", 1, 36, "no container logs would be sent")]
    [InlineData("sources: {files: [{include: [/a], labels: {a: 1, b: 1, c: 1, d: 1, e: 1, f: 1, g: 1, h: 1, i: 1, j: 1, k: 1, l: 1}}]}", 1, 35, "a stream has 16 labels")]
    [InlineData("buffer: {memory: 2MiB}", 1, 18, "buffer.memory (2MiB) is too small")]
    [InlineData("server: {listen: nowhere}", 1, 18, "server.listen must be an address and a port")]
    [InlineData("log: {level: loud}", 1, 14, "log.level must be debug, info, warn or error")]
    [InlineData("cluster:", 1, 9, "cluster has no value")]
    [InlineData("cluster: \"\"", 1, 10, "cluster must be a non-empty label value")]
    [InlineData("cluster: a\ncluster: b", 2, 1, "\"cluster\" is set twice in this section")]
    [InlineData("cluster: a\n---\ncluster: b", 2, 1, "a second document begins here")]
    [InlineData("cluster: ${FOO", 1, 10, "${FOO is not a valid variable; write ${NAME} or ${NAME:-default}")]
    [InlineData("cluster: a-${1X}", 1, 10, "${1X} is not a valid variable")]
    [InlineData("cluster: [a", 1, 12, "not valid YAML")]
    [InlineData("loki: {url: \"http://a\"\nbuffer: {memory: 32MiB}", 2, 1, "not valid YAML: is a comma, } or ] missing")]
    [InlineData("labels: {a: b\nc: d}", 2, 1, "not valid YAML: is a comma, } or ] missing")]
    [InlineData("cluster: a\nloki:\n  url: http://a\n\ttenant: x", 4, 1, "not valid YAML")]
    [InlineData("loki:\n  headers: {X-User: ü}", 2, 13, "loki.headers.X-User: must be one line of ASCII characters")]
    [InlineData("loki:\n  tenant: a\n  headers: {x-scope-orgid: b}", 3, 13, "loki.headers.x-scope-orgid and loki.tenant are the same header")]
    [InlineData("loki:\n  url: http://loki/?a=b", 2, 8, "loki.url must be an address without ? and #")]
    [InlineData("sources: {containers: {exclude: [\"/a/[01].log\"]}}", 1, 34, "use *, ? and **")]
    [InlineData("sources: {containers: {maxLineSize: 5GiB}}", 1, 37, "sources.containers.maxLineSize must be at least")]
    [InlineData("loki:\n  retry: {initial: 0ms, max: 1ms}", 2, 20, "loki.retry.initial must be at least")]
    [InlineData("d: x", 1, 1, "unknown key \"d\"; known keys are cluster, environment")]
    [InlineData("cluster: *missing", 1, 10, "not valid YAML: there is no anchor &missing")]
    public async Task Validate_InvalidConfiguration_NamesPlaceAndRemedy(string yaml, int line, int column, string message)
    {
        CommandResult result = await ValidateAsync(yaml);

        Assert.Equal(2, result.ExitCode);
        string problem = Assert.Single(result.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.StartsWith($"{_file}:{line}:{column}: ", problem, StringComparison.Ordinal);
        Assert.Contains(message, problem, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Validate_MorePodLabelsThanLokiAccepts_Warns()
    {
        CommandResult result = await ValidateAsync("kubernetes:\n  labels: {" + string.Join(", ", Enumerable.Range(0, 10).Select(i => $"l{i}: podUid")) + "}");

        Assert.Equal(0, result.ExitCode);
        Assert.Contains(":2:3: warning: a pod that has all of these would get 16 labels", result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Validate_SeveralErrors_ReportsAllInOrder()
    {
        CommandResult result = await ValidateAsync("""
            clutser: x
            loki:
              url: nowhere
              batch: {wait: soon}
            sources:
              containers: {scanInterval: 1}
            """);

        Assert.Equal(2, result.ExitCode);
        Assert.Equal(["1", "3", "4", "6"], result.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(problem => problem[_file.Length..].Split(':')[1]));
    }

    [Fact]
    public async Task Validate_UnsetVariable_Warns()
    {
        CommandResult result = await ValidateAsync("loki: {tenant: \"${SHIPPER_TEST_UNSET}\"}");

        Assert.Equal(0, result.ExitCode);
        Assert.Contains(":1:16: warning: the environment variable SHIPPER_TEST_UNSET is not set", result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Validate_NotUtf8_NamesThePlace()
    {
        await File.WriteAllBytesAsync(_file, [.. "cluster: a\nenvironment: é"u8, 0xFC], TestContext.Current.CancellationToken);

        CommandResult result = await ShipperProgram.RunAsync("validate", "--config", _file);

        Assert.Equal(2, result.ExitCode);
        Assert.Equal($"{_file}:2:15: the byte 0xFC is not valid UTF-8; save the file as UTF-8\n", result.Output);
    }

    [Fact]
    public async Task Validate_TruncatedOrMistypedAnywhere_NeverCrashes()
    {
        const int Cases = 120;
        string directory = Path.GetDirectoryName(_file)!;
        await Parallel.ForAsync(0, Cases, TestContext.Current.CancellationToken, async (i, stopping) =>
        {
            var random = new Random(i);
            string yaml = Whole[..random.Next(Whole.Length)];
            if (i % 2 == 0 && yaml.Length > 0)
            {
                yaml = yaml.Remove(random.Next(yaml.Length), 1) + "\n";
            }

            string file = Path.Combine(directory, $"{i}.yaml");
            await File.WriteAllTextAsync(file, yaml, stopping);
            CommandResult result = await ShipperProgram.RunAsync("validate", "--config", file);

            Assert.True(result.ExitCode is 0 or 2, $"exit code {result.ExitCode}: {result.Error}\n{yaml}");
            Assert.Equal("", result.Error);
        });
    }

    [Fact]
    public async Task Run_InvalidConfiguration_ExitsWith2()
    {
        await File.WriteAllTextAsync(_file, "clutser: x", TestContext.Current.CancellationToken);

        CommandResult result = await ShipperProgram.RunAsync("run", "--config", _file);

        Assert.Equal(2, result.ExitCode);
        Assert.Contains($"{_file}:1:1: unknown key", result.Error, StringComparison.Ordinal);
    }

    private async Task<CommandResult> ValidateAsync(string yaml)
    {
        await File.WriteAllTextAsync(_file, yaml, TestContext.Current.CancellationToken);
        return await ShipperProgram.RunAsync("validate", "--config", _file);
    }
}
