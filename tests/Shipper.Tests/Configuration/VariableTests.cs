using Shipper.Testing.Loki;
using Shipper.Testing.Program;

namespace Shipper.Tests.Configuration;

/// <summary>Environment variables whose values come from a Secret or a ConfigMap.</summary>
public sealed class VariableTests : IDisposable
{
    private readonly ConfigurationFile _sut = new();

    public void Dispose() => _sut.Dispose();

    /// <summary>A Secret that is created from a file ends with the file's line break.</summary>
    [Fact]
    public async Task Run_VariablesWithTrailingLineBreak_TrimsThem()
    {
        using LokiDouble loki = await LokiDouble.StartAsync();
        using var node = new NodeDirectory();
        new CriWriter(node.AddContainer("web-1")).Write(3);
        await using RunningShipper sut = RunningShipper.Start(
            node, loki.Address, lokiYaml: "  tenant: ${TENANT}\n  headers: {X-Token: \"Token ${TOKEN}\"}", cluster: "${CLUSTER}",
            environment: new Dictionary<string, string?> { ["TENANT"] = "team-a\n", ["TOKEN"] = "abc\r\n", ["CLUSTER"] = "test\n" });

        await sut.WaitUntilAsync(() => loki.Count() == 3);

        Assert.All(loki.GetStoredStreams().Keys, labels => Assert.Contains("cluster=\"test\"", labels, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("loki: {tenant: \"${VALUE}\"}", "team\na\n")]
    [InlineData("loki: {headers: {X-Token: \"${VALUE}\"}}", "a\nb")]
    [InlineData("node: ${VALUE}", "a\rb")]
    [InlineData("labels: {a: \"${VALUE}\"}", "a\u0001b")]
    [InlineData("sources: {journal: {units: [\"${VALUE}\"]}}", "a\nb")]
    public async Task Validate_VariableWithControlCharacter_ReportsError(string yaml, string value)
    {
        CommandResult result = await _sut.ValidateAsync($"cluster: c\n{yaml}", new Dictionary<string, string?> { ["VALUE"] = value });

        Assert.Equal(2, result.ExitCode);
        Assert.Contains("the environment variable VALUE contains a line break or another control character; a value must be one line", result.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("cluster: ${A:-${B}}")]
    [InlineData("cluster: ${A:b}")]
    [InlineData("cluster: ${A:?b}")]
    [InlineData("cluster: ${ A }")]
    public async Task Validate_UnsupportedVariableSyntax_ReportsError(string yaml)
    {
        CommandResult result = await _sut.ValidateAsync(yaml);

        Assert.Equal(2, result.ExitCode);
        Assert.Contains(":1:10: ${", result.Output, StringComparison.Ordinal);
        Assert.Contains("is not a valid variable; write ${NAME} or ${NAME:-default}", result.Output, StringComparison.Ordinal);
    }
}
