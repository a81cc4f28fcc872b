using Shipper.Testing.Program;

namespace Shipper.Tests.Configuration;

/// <summary>Settings that are valid one by one, but can't work together or are probably not intended.</summary>
public sealed class CombinationTests : IDisposable
{
    private const string Cluster = "cluster: c\n";

    private readonly ConfigurationFile _sut = new();

    public void Dispose() => _sut.Dispose();

    [Theory]
    [InlineData("loki:\n  basicAuth: {username: me}", 3, 25, "loki.basicAuth.username needs loki.basicAuth.passwordFile")]
    [InlineData("loki:\n  basicAuth: {passwordFile: /p}", 3, 29, "loki.basicAuth.passwordFile needs loki.basicAuth.username")]
    [InlineData("loki:\n  basicAuth: {username: 'a:b', passwordFile: /p}", 3, 25, "a user name without a colon")]
    [InlineData("loki:\n  basicAuth: {username: me}\n  bearerTokenFile: /t", 4, 20, "loki.bearerTokenFile and loki.basicAuth can't be used together")]
    [InlineData("loki:\n  bearerTokenFile: /t\n  headers: {authorization: a}", 4, 13, "loki.headers.authorization is the header that loki.bearerTokenFile sets")]
    [InlineData("loki:\n  headers: {X-A: a, x-a: b}", 3, 21, "loki.headers.x-a is set twice, with different capitalization")]
    [InlineData("loki:\n  headers: {X-Scope-OrgID: a/b}", 3, 13, "loki.headers.X-Scope-OrgID: must be a tenant of at most 150 letters")]
    [InlineData("loki:\n  url: https://a\n  tls: {certFile: /c}", 4, 19, "loki.tls.certFile needs loki.tls.keyFile")]
    [InlineData("loki:\n  url: https://a\n  tls: {keyFile: /k}", 4, 18, "loki.tls.keyFile needs loki.tls.certFile")]
    [InlineData("loki:\n  tls: {caFile: /c}", 3, 17, "loki.tls.caFile has no effect with http://")]
    [InlineData("loki:\n  tls: {serverName: a}", 3, 21, "loki.tls.serverName has no effect with http://")]
    [InlineData("loki:\n  tls: {insecureSkipVerify: true}", 3, 29, "loki.tls.insecureSkipVerify has no effect with http://")]
    [InlineData("loki:\n  url: http://a/loki", 3, 8, "where Loki accepts no pushes; write http://a/loki/api/v1/push")]
    [InlineData("loki:\n  url: http://a/loki/api/v1/push/", 3, 8, "write http://a/loki/api/v1/push")]
    [InlineData("loki:\n  url: http://a/loki/api/v1/query_range", 3, 8, "write http://a/loki/api/v1/push")]
    [InlineData("loki:\n  url: http://a/team/loki/api/v1", 3, 8, "write http://a/team/loki/api/v1/push")]
    [InlineData("loki:\n  url: http://a/LOKI/api/v1/push", 3, 8, "write http://a/loki/api/v1/push")]
    [InlineData("loki:\n  url: http://a/api/prom/query", 3, 8, "write http://a/loki/api/v1/push")]
    [InlineData("loki:\n  url: http://a/otlp/v1/logs", 3, 8, "write http://a/loki/api/v1/push")]
    [InlineData("loki:\n  url: http://a/ready", 3, 8, "write http://a/loki/api/v1/push")]
    [InlineData("loki:\n  url: http://a//", 3, 8, "write http://a/loki/api/v1/push")]
    [InlineData("sources:\n  containers: {enabled: false}\n  journal: {enabled: false}", 2, 1, "nothing would be read; enable one")]
    [InlineData("sources:\n  containers: {exclude: [\"*\"]}", 3, 26, "must be an absolute path of files")]
    [InlineData("sources:\n  containers: {exclude: [\"/**\"]}", 3, 25, "sources.containers.exclude excludes every file that include matches")]
    [InlineData("sources:\n  containers: {exclude: [\"/var/log/*/*\"]}", 3, 25, "sources.containers.exclude excludes every file that include matches")]
    [InlineData("sources:\n  journal: {exclude: [\"*\"]}", 3, 22, "sources.journal.exclude excludes every unit that units matches")]
    [InlineData("sources:\n  journal: {units: [kubelet, \"docker*\"], exclude: [kubelet.service, \"d*\"]}", 3, 51, "sources.journal.exclude excludes every unit that units matches")]
    [InlineData("sources:\n  journal: {directories: []}", 3, 26, "sources.journal.directories is empty")]
    [InlineData("sources:\n  files: [{include: [/a/*.log, /b/**/*.log], exclude: [/a/**, /b/**]}]", 3, 55, "sources.files[0].exclude excludes every file that include matches")]
    [InlineData("kubernetes:\n  namespaces: {exclude: [\"*\"]}", 3, 25, "kubernetes.namespaces.exclude excludes every namespace that include matches")]
    [InlineData("kubernetes:\n  namespaces: {include: [team-*, a], exclude: [\"t*\", a]}", 3, 47, "kubernetes.namespaces.exclude excludes every namespace")]
    [InlineData("kubernetes:\n  namespaces: {include: [Team_A]}", 3, 26, "\"Team_A\" can't match a namespace")]
    [InlineData("kubernetes:\n  kubeconfig: ~/.kube/config", 3, 15, "must be a path without ~, which the agent does not expand")]
    [InlineData("sources:\n  files: [{include: [~/a.log]}]", 3, 22, "begins with ~, which the agent does not expand; write the full path")]
    [InlineData("sources:\n  journal: {units: [\"kubelet service\"]}", 3, 21, "\"kubelet service\" can't match a unit")]
    [InlineData("loki:\n  url: http://me:s3cret@loki:3100", 3, 8, "without credentials (they go into loki.basicAuth), not \"http://***@loki:3100\"")]
    [InlineData("loki:\n  url: http://loki:3100?token=s3cret", 3, 8, "without ? and #, not \"http://loki:3100?***\"")]
    [InlineData("server: {listen: \"2020\"}", 2, 18, "an address and a port, such as \":2020\" (all addresses)")]
    [InlineData("server: {listen: \"*:2020\"}", 2, 18, "an address and a port")]
    [InlineData("server: {listen: \"::1:2020\"}", 2, 18, "an address and a port")]
    [InlineData("server: {listen: \"node-1:2020\"}", 2, 18, "an address and a port")]
    [InlineData("server: {listen: \":70000\"}", 2, 18, "an address and a port")]
    [InlineData("loki:\n  retry: {limit: 010}", 3, 18, "a whole number from 0 to 1000000, not \"010\"")]
    [InlineData("loki:\n  retry: {limit: 1_000}", 3, 18, "a whole number from 0 to 1000000, not \"1_000\"")]
    public async Task Validate_CombinationCannotWork_ReportsError(string yaml, int line, int column, string message) =>
        await _sut.AssertRefusedAsync(Cluster + yaml, line, column, message, "--skip-files");

    [Theory]
    [InlineData("{}", 1, 1, "cluster is not set, so the label cluster is \"app-cluster\"")]
    [InlineData("loki: {url: \"http://a\"}", 1, 1, "cluster is not set")]
    [InlineData(Cluster + "loki:\n  url: http://a/api/prom/push", 3, 8, "a deprecated path of Loki")]
    [InlineData(Cluster + "loki:\n  url: http://a/logs", 3, 8, "the path /logs, which Loki does not have")]
    [InlineData(Cluster + "loki:\n  url: https://a/team/loki", 3, 8, "the path /team/loki, which Loki does not have")]
    [InlineData(Cluster + "loki:\n  url: https://a:80", 3, 8, "https:// with port 80, which is the port of http")]
    [InlineData(Cluster + "loki:\n  url: http://a:443", 3, 8, "http:// with port 443, which is the port of https")]
    [InlineData("cluster: $CLUSTER", 1, 10, "$CLUSTER is not expanded; write ${CLUSTER}")]
    [InlineData("cluster: c\nnode: $(NODE_NAME)", 2, 7, "$(NODE_NAME) is not expanded; write ${NODE_NAME}")]
    [InlineData(Cluster + "sources:\n  files: [{include: [/var/log/**/*.log]}]", 3, 21, "\"/var/log/**/*.log\" also matches files of sources.containers")]
    [InlineData(Cluster + "sources:\n  files: [{include: [\"/var/log/pods/*/*/*.log\"]}]", 3, 21, "also matches files of sources.containers")]
    [InlineData(Cluster + "sources:\n  files: [{include: [/a/*.log]}, {include: [/a/b.log]}]", 3, 44, "\"/a/b.log\" also matches files of sources.files[0]")]
    [InlineData(Cluster + "sources:\n  files: [{include: [/a/**.log]}]", 3, 21, "has ** next to other characters")]
    [InlineData(Cluster + "labels: {team: a}\nkubernetes: {labels: {team: \"label:team\"}}", 3, 23, "kubernetes.labels.team replaces labels.team for pods that have a value; rename one of them, or remove the static one")]
    [InlineData(Cluster + "kubernetes: {enabled: false, structuredMetadata: {uid: podUid}}", 2, 23, "need the API server")]
    public async Task Validate_ProbablyNotIntended_Warns(string yaml, int line, int column, string message) =>
        await _sut.AssertWarnedAsync(yaml, line, column, message);

    [Theory]
    [InlineData("cluster: '$CLUSTER'")]
    [InlineData("cluster: costs $5")]
    [InlineData(Cluster + "loki: {url: \"http://a/team/loki/api/v1/push\"}")]
    [InlineData(Cluster + "loki: {url: \"http://a/\"}")]
    [InlineData(Cluster + "sources: {files: [{include: [/var/log/*.log]}]}")]
    [InlineData(Cluster + "sources: {files: [{include: [/var/log/**/*.log], exclude: [/var/log/pods/**, /var/log/containers/**]}]}")]
    [InlineData(Cluster + "sources: {files: [{include: [/a/*.log], exclude: [/a/b.log]}, {include: [/a/b.log]}]}")]
    [InlineData(Cluster + "sources: {containers: {enabled: false, exclude: [\"/**\"]}}")]
    [InlineData(Cluster + "sources: {containers: {exclude: [\"/var/log/containers/*_kube-system_*.log\"]}}")]
    [InlineData(Cluster + "sources: {journal: {units: [kubelet, kernel], exclude: [\"kern*\"]}}")]
    [InlineData(Cluster + "loki: {timeout: 1 s, batch: {size: 1 MiB, wait: 1 m 30 s}}\nbuffer: {memory: 64Mi}\nsources: {containers: {startAt: 1.5d, heldBytes: 1 Gi}}")]
    [InlineData(Cluster + "server: {listen: \"localhost:2020\"}")]
    [InlineData(Cluster + "server: {listen: \"[fe80::1%eth0]:2020\"}")]
    public async Task Validate_SensibleConfiguration_AcceptsItWithoutWarning(string yaml) => await _sut.AssertValidAsync(yaml);

    [Theory]
    [InlineData("timeout: 1 m", "timeout: 1m\n")]
    [InlineData("timeout: 1m 30 s", "timeout: 90s\n")]
    [InlineData("batch: {size: 1 Mi}", "size: 1MiB\n")]
    [InlineData("batch: {size: 1.5 MB}", "size: 1500KB\n")]
    public async Task Config_UnitInAnotherSpelling_PrintsTheSameValue(string loki, string expected)
    {
        _sut.Write("shipper.yaml", $"loki: {{{loki}}}");

        CommandResult result = await ShipperProgram.RunAsync("config", "--config", _sut.Path);

        Assert.Contains(expected, result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Config_DurationInDays_PrintsDays()
    {
        _sut.Write("shipper.yaml", "sources: {journal: {since: 2d}}");

        CommandResult result = await ShipperProgram.RunAsync("config", "--config", _sut.Path);

        Assert.Contains("since: 2d\n", result.Output, StringComparison.Ordinal);
    }
}
