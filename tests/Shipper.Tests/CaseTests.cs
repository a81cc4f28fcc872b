using Shipper.Testing.Program;

namespace Shipper.Tests;

/// <summary><c>shipper test</c>: the cases under <c>tests</c> of a configuration.</summary>
public sealed class CaseTests : IDisposable
{
    private readonly string _file = Path.Combine(Directory.CreateTempSubdirectory("shipper-test-").FullName, "shipper.yaml");

    public void Dispose() => Directory.Delete(Path.GetDirectoryName(_file)!, recursive: true);

    [Fact]
    public async Task Test_NoTests_ExitsWith2()
    {
        CommandResult result = await RunAsync("cluster: app-cluster");

        Assert.Equal(2, result.ExitCode);
        Assert.Equal($"{_file}: no tests in this file; add some under the key tests\n", result.Error);
        Assert.Empty(result.Output);
    }

    [Fact]
    public async Task Test_AllAsExpected_PrintsOnlyTheNumber()
    {
        CommandResult result = await RunAsync("""
            cluster: app-cluster
            sources:
              files:
                - include: ["/var/log/audit/*.log"]
                  fields: {verb: verb}
            processing:
              rules:
                - {name: probes, preset: health-checks, do: drop}
                - {name: chatter, when: {namespace: "batch-*", text: {contains: heartbeat}}, do: drop}
            tests:
              - name: probes go
                from: {namespace: shop, container: nginx}
                input: '10.0.0.7 - - [30/Nov/2026:08:00:00 +0000] "GET /healthz HTTP/1.1" 200 2 "-" "kube-probe/1.34"'
                expect: []
              - name: errors of probes stay
                from: {namespace: shop, container: nginx}
                input: '10.0.0.7 - - [30/Nov/2026:08:00:00 +0000] "GET /healthz HTTP/1.1" 503 2 "-" "kube-probe/1.34"'
                expect: [{}]
              - name: heartbeats of others stay
                from: {namespace: shop}
                input: heartbeat
                expect: [{line: heartbeat, level: none}]
              - name: two lines are two records
                from: {namespace: batch-1, stream: stderr}
                input: |
                  level=info msg=started
                  level=error msg="no stock"
                expect:
                  - {level: info, metadata: {stream: stderr, detected_level: info}}
                  - {line: 'level=error msg="no stock"', level: error}
              - name: fields of a file
                from: {filename: /var/log/audit/audit.log}
                input: '{"verb":"delete","level":"Metadata"}'
                expect: [{metadata: {verb: delete}}]
              - name: journal
                from: {unit: sshd.service}
                input: session opened
                expect: [{line: session opened}]
            """);

        Assert.Equal("6 tests, 0 failed\n", result.Output);
        Assert.Equal(0, result.ExitCode);
    }

    [Fact]
    public async Task Test_Failures_AreShownWithPlaceAndRecords()
    {
        CommandResult result = await RunAsync("""
            cluster: app-cluster
            processing:
              rules: [{name: chatter, when: {text: {contains: heartbeat}}, do: drop}]
            tests:
              - {name: level, input: "level=error msg=a", expect: [{level: info}]}
              - {name: good, input: heartbeat, expect: []}
              - {name: 'too "few"', from: {namespace: shop}, input: "heartbeat\norder placed", expect: [{}, {}]}
            """);

        Assert.Equal(1, result.ExitCode);
        Assert.Equal(
            [
                $"{_file}:5:5: test \"level\": record 1: expected level info, got error",
                "    record 1: {line: \"level=error msg=a\", level: error, metadata: {stream: \"stdout\", detected_level: \"error\"}}",
                $"{_file}:7:5: test \"too \\\"few\\\"\": expected 2 records, got 1",
                "    dropped by chatter: \"heartbeat\"",
                "    record 1: {line: \"order placed\", level: none, metadata: {stream: \"stdout\"}}",
                "  - expected 2: {}",
                "3 tests, 2 failed",
            ],
            result.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    [Fact]
    public async Task Test_OtherNumberOfRecords_ShowsWhichAreMissingAndTooMany()
    {
        CommandResult result = await RunAsync("""
            cluster: app-cluster
            processing:
              rules: [{name: chatter, when: {text: {contains: heartbeat}}, do: drop}]
            tests:
              - name: orders
                input: |
                  order 1
                  heartbeat
                  order 3
                  level=error msg="no stock"
                expect: [{line: order 1}, {line: order 2, level: none, metadata: {stream: stdout}}, {line: heartbeat}, {level: error}]
            """);

        Assert.Equal(1, result.ExitCode);
        Assert.Equal(
            [
                $"{_file}:5:5: test \"orders\": expected 4 records, got 3",
                "    record 1: {line: \"order 1\", level: none, metadata: {stream: \"stdout\"}}",
                "  - expected 2: {line: \"order 2\", level: none, metadata: {stream: \"stdout\"}}",
                "  - expected 3: {line: \"heartbeat\"}",
                "    dropped by chatter: \"heartbeat\"",
                "  + record 2: {line: \"order 3\", level: none, metadata: {stream: \"stdout\"}}",
                "    record 3: {line: \"level=error msg=\\\"no stock\\\"\", level: error, metadata: {stream: \"stdout\", detected_level: \"error\"}}",
                "1 test, 1 failed",
            ],
            result.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    [Fact]
    public async Task Test_InvalidConfiguration_ExitsWith2()
    {
        CommandResult result = await RunAsync("tests: [{name: a}]");

        Assert.Equal(2, result.ExitCode);
        Assert.Contains(":1:9: ", result.Error, StringComparison.Ordinal);
        Assert.Empty(result.Output);
    }

    private async Task<CommandResult> RunAsync(string yaml)
    {
        await File.WriteAllTextAsync(_file, yaml, TestContext.Current.CancellationToken);
        return await ShipperProgram.RunAsync("test", "--config", _file);
    }
}
