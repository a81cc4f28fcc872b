using Shipper.Testing.Program;

namespace Shipper.Tests.Configuration;

/// <summary>YAML's merge keys, which let one part of a file inherit the keys of another.</summary>
public sealed class MergeKeyTests : IDisposable
{
    private readonly ConfigurationFile _sut = new();

    public void Dispose() => _sut.Dispose();

    [Fact]
    public async Task Config_MergeKey_InheritsKeysThatAreNotSet()
    {
        string merged = await ConfigAsync("""
            sources:
              files:
                - &audit
                  include: [/a/*.log]
                  startAt: end
                  labels: &labels {job: audit, team: infra}
                - include: [/b/*.log]
                  <<: *audit
                  labels: {<<: *labels, job: other}
            """);

        Assert.Equal(
            await ConfigAsync("""
                sources:
                  files:
                    - {include: [/a/*.log], startAt: end, labels: {job: audit, team: infra}}
                    - {include: [/b/*.log], startAt: end, labels: {job: other, team: infra}}
                """),
            merged);
    }

    [Fact]
    public async Task Config_ListOfMergeKeys_PrefersTheFirst()
    {
        string merged = await ConfigAsync("""
            sources:
              files:
                - &a {include: [/a/*.log], startAt: end}
                - &b {<<: *a, include: [/b/*.log], longLines: skip}
                - {include: [/c/*.log], <<: [{startAt: 1h}, *b]}
            """);

        Assert.Equal(
            await ConfigAsync("""
                sources:
                  files:
                    - {include: [/a/*.log], startAt: end}
                    - {include: [/b/*.log], startAt: end, longLines: skip}
                    - {include: [/c/*.log], startAt: 1h, longLines: skip}
                """),
            merged);
    }

    [Theory]
    [InlineData("loki: {<<: *none}", 1, 12, "there is no anchor &none before this")]
    [InlineData("loki: {<<: 5}", 1, 12, "<< merges the keys of a mapping or of a list of mappings, as in <<: *NAME, but this is \"5\"")]
    [InlineData("loki: {<<: [{tenant: a}, b]}", 1, 26, "this is \"b\"")]
    [InlineData("loki: {\"<<\": {tenant: a}}", 1, 8, "unknown key \"<<\" in loki")]
    [InlineData("loki: {<<: {tenat: a}}", 1, 13, "unknown key \"tenat\" in loki; did you mean \"tenant\"?")]
    [InlineData("loki: {<<: {tenant: a}, <<: {tenant: b}}", 1, 25, "\"<<\" is set twice in this section")]
    public async Task Validate_InvalidMergeKey_NamesThePlace(string yaml, int line, int column, string message) =>
        await _sut.AssertRefusedAsync(yaml, line, column, message);

    private async Task<string> ConfigAsync(string yaml)
    {
        _sut.Write("shipper.yaml", yaml);
        CommandResult result = await ShipperProgram.RunAsync("config", "--config", _sut.Path);
        Assert.Equal("", result.Error);
        return result.Output;
    }
}
