using System.Globalization;
using System.Text.RegularExpressions;
using Shipper.Testing.Program;

namespace Shipper.Tests;

/// <summary><c>shipper validate --against</c>: what the rules of a configuration would do with real log files.</summary>
public sealed partial class ValidateAgainstTests : IDisposable
{
    private const string Secret = "hunter2-hunter2";

    private readonly NodeDirectory _node = new();

    public void Dispose() => _node.Dispose();

    [Fact]
    public async Task Validate_Directory_ShowsWhatEachRuleWouldDo()
    {
        string web = _node.AddContainer("web-1", "shop", "nginx");
        WriteCri(web, 200, i => i % 2 == 0 ? "heartbeat" : $"level=info msg=\"order {i} placed\"");
        WriteCri(_node.AddContainer("job-1", "batch-1"), 100, i => $"level=debug msg=\"step {i}\"");

        CommandResult result = await ValidateAsync(
            """
            cluster: app-cluster
            processing:
              rules:
                - {name: chatter, when: {namespace: shop, text: {contains: heartbeat}}, do: drop}
                - {name: orders, when: {namespace: shop, text: {contains: order}}, do: keep}
                - {name: steps, when: {namespace: "batch-*", level: debug}, do: {sample: 10}}
                - {name: nothing, when: {namespace: none}, do: drop}
              limits:
                - {name: noisy, when: {namespace: "batch-*"}, lines: 1, burst: 1s, over: drop}
            """,
            _node.Containers);

        Assert.Equal(0, result.ExitCode);
        string[] rows = Rows(result);
        string bytes = new FileInfo(web).Length.ToString("N0", CultureInfo.InvariantCulture);
        Assert.Contains($"{_node.Containers}/web-1_shop_nginx-{0:x12}.log container 200 200 100 {bytes}", rows);
        Assert.Contains("rule chatter 100 33.3 % dropped heartbeat", rows);
        Assert.Contains("rule orders 100 33.3 % kept level=info msg=\"order 1 placed\"", rows);
        Assert.Matches("(?m)^rule steps 100 33.3 % [0-9]+ dropped, [0-9]+ kept level=debug", string.Join('\n', rows));
        Assert.Matches("(?m)^limit noisy [0-9]+ [0-9.]+ % [0-9]+ over the limit, dropped level=debug", string.Join('\n', rows));
        Assert.Contains("matched nothing: rule nothing", rows);
        string[] stages = ["chatter", "orders", "steps", "noisy"];
        Assert.Equal(stages, rows.Select(row => row.Split(' ')).Where(row => row[0] is "rule" or "limit").Select(row => row[1]));
        Assert.Contains("info 100 33.3 %", rows);
        Assert.Contains("none 100 33.3 %", rows);
    }

    [Theory]
    [InlineData("redact: {secrets: true}")]
    [InlineData("redact: {secrets: false}")]
    public async Task Validate_Examples_NeverShowSecrets(string redact)
    {
        WriteCri(_node.AddContainer("web-1", "shop"), 3, _ => $"login password={Secret} for https://admin:{Secret}@db.example.com/");
        string key = _node.AddContainer("web-2", "shop");
        string[] lines = ["-----BEGIN RSA PRIVATE KEY-----", "MIIEowIBAAKCAQEAx4UbaDzY5xjW6hc9jwN0mX33XpTDVW1WqHp5AKaRbtAC", "-----END RSA PRIVATE KEY-----"];
        WriteCri(key, lines.Length, i => lines[i]);

        CommandResult result = await ValidateAsync(
            $$$"""
            cluster: app-cluster
            processing:
              multiline: off
              rules:
                - {name: logins, when: {text: {contains: login}}, do: drop}
                - {name: bodies, when: {text: {startsWith: MII}}, do: drop}
              {{{redact}}}
            """,
            _node.Containers);

        Assert.Equal(0, result.ExitCode);
        Assert.Contains("rule logins 3 ", string.Join('\n', Rows(result)), StringComparison.Ordinal);
        Assert.Contains("rule bodies 1 ", string.Join('\n', Rows(result)), StringComparison.Ordinal);
        Assert.Contains("[redacted:", result.Output, StringComparison.Ordinal);
        Assert.DoesNotContain(Secret, result.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("MIIEow", result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Validate_PlainFile_HasTheRulesOfSourcesFiles()
    {
        string log = Path.Combine(_node.Root, "audit.log");
        await File.WriteAllTextAsync(log, "\u001b[31mdenied\u001b[0m\r\nallowed\r\n", TestContext.Current.CancellationToken);

        CommandResult result = await ValidateAsync(
            $$$"""
            cluster: app-cluster
            sources: {files: [{include: ["{{{_node.Root}}}/*.log"]}]}
            processing:
              rules: [{name: denials, when: {filename: "*audit.log", text: {contains: denied}}, do: drop}]
              limits: [{name: noisy, lines: 1}]
            """,
            _node.Root + "/a?dit.*");

        Assert.Equal(0, result.ExitCode);
        Assert.Contains($"{log} file 2 2 1 26", Rows(result));
        Assert.Contains("rule denials 1 50.0 % dropped denied", Rows(result));
        Assert.Contains("limits were not applied to logs without times: ", result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Validate_FilesThatAreNotShipped_AreSkippedWithAReason()
    {
        WriteCri(_node.AddContainer("dns-1", "kube-system"), 1, _ => "a");
        string compressed = Path.Combine(_node.Root, "0.log.20261130-080000.gz");
        await File.WriteAllBytesAsync(compressed, [0x1F, 0x8B, 8, 0], TestContext.Current.CancellationToken);

        CommandResult result = await ValidateAsync("cluster: a\nkubernetes: {namespaces: {exclude: [kube-system]}}", _node.Containers, compressed);

        Assert.Equal(0, result.ExitCode);
        Assert.Contains(".log: skipped: kubernetes.namespaces excludes it", result.Output, StringComparison.Ordinal);
        Assert.Contains($"{compressed}: skipped: it is compressed", result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Validate_FileAndLinkToIt_IsReadOnce()
    {
        WriteCri(_node.AddContainer("web-1"), 7, _ => "a");

        CommandResult result = await ValidateAsync("cluster: a", _node.Containers, Path.Combine(_node.Root, "log/pods"));

        Assert.Single(Rows(result), row => row.Contains(" container 7 7 7 ", StringComparison.Ordinal));
        Assert.Contains("none 7 100.0 %", Rows(result));
    }

    [Theory]
    [InlineData("missing.log", "can't be read: Could not find file")]
    [InlineData("missing/*.log", "can't be read: there is no such file")]
    [InlineData("empty", "can't be read: the directory has no files")]
    public async Task Validate_FileCannotBeRead_ExitsWith2(string name, string problem)
    {
        string log = _node.AddContainer("web-1");
        WriteCri(log, 1, _ => "a");
        Directory.CreateDirectory(Path.Combine(_node.Root, "empty"));

        CommandResult result = await ValidateAsync("cluster: a", log, Path.Combine(_node.Root, name));

        Assert.Equal(2, result.ExitCode);
        Assert.Contains($"{_node.Root}/{name}: {problem}", result.Output, StringComparison.Ordinal);
        Assert.Contains(Rows(result), row => row.StartsWith($"{log} container 1 1 1 ", StringComparison.Ordinal));
    }

    [GeneratedRegex(" {2,}")]
    private static partial Regex Gap();

    private static void WriteCri(string log, int lines, Func<int, string> text) => File.WriteAllLines(
        log, Enumerable.Range(0, lines).Select(i => string.Create(CultureInfo.InvariantCulture, $"2026-11-30T08:00:00.{i:000}000000Z stdout F {text(i)}")));

    /// <summary>Returns the lines of the output with one space between columns.</summary>
    private static string[] Rows(CommandResult result) => [.. result.Output.Split('\n').Select(line => Gap().Replace(line, " "))];

    private async Task<CommandResult> ValidateAsync(string yaml, params string[] paths)
    {
        string file = Path.Combine(_node.Root, "shipper.yaml");
        await File.WriteAllTextAsync(file, yaml, TestContext.Current.CancellationToken);
        return await ShipperProgram.RunAsync(["validate", file, "--skip-files", "--against", .. paths]);
    }
}
