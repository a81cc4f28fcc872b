using System.Text;
using Shipper.Testing.Program;

namespace Shipper.Tests.Configuration;

/// <summary>Common mistakes in YAML. Each message names the place and the remedy.</summary>
public sealed class YamlMistakeTests : IDisposable
{
    private const string Cluster = "cluster: c\n";

    private readonly ConfigurationFile _sut = new();

    public void Dispose() => _sut.Dispose();

    [Theory]
    [InlineData("loki:\n\turl: http://a", 2, 1, "this is a tab")]
    [InlineData("loki:\n  url: http://a\n  \ttenant: x", 3, 3, "this is a tab")]
    [InlineData("sources:\n  journal:\n    units:\n\t- a", 4, 1, "this is a tab")]
    [InlineData("# a\n\n\t# b\nsources:\n  journal:\n    units:\n\t- a", 7, 1, "this is a tab")]
    [InlineData("sources: {journal: {units: [*kube*]}}", 1, 29, "if you mean the text \"*kube*\", put it in quotes")]
    [InlineData("sources:\n  journal:\n    units:\n      - *.service", 4, 9, "if you mean the text \"*.service\", put it in quotes")]
    [InlineData("sources: {journal: {units: [*]}}", 1, 29, "an unquoted value can't begin with *; put it in quotes")]
    [InlineData("cluster: a:", 1, 11, "this line has a second colon")]
    [InlineData("loki:\n  url: http://loki:", 2, 19, "put the value in quotes, as in url: \"…\"")]
    [InlineData("loki: url: http://a", 1, 10, "start a new line for what belongs under loki")]
    [InlineData("cluster: a\n environment: b", 2, 2, "this line is indented by 1 and the one above it by 0")]
    [InlineData(" cluster: a\nenvironment: b", 2, 1, "this line is indented by 0 and the one above it by 1")]
    [InlineData("loki:\n  url: http://a\n   tenant: x", 3, 4, "this line is indented by 3 and the one above it by 2")]
    [InlineData("loki:\n  url: http://a\n # a comment\n\n tenant: x", 5, 2, "this line is indented by 1 and the one above it by 2")]
    [InlineData("sources:\n  files:\n    - include: [/a]\n     labels: {a: b}", 4, 6, "this line is indented by 5 and the one above it by 6")]
    [InlineData("sources:\n  files:\n    - include: [/a]\n   - include: [/b]", 4, 4, "this line is indented by 3 and the one above it by 4")]
    [InlineData("sources:\n  journal:\n    units:\n    - a\n    b", 5, 5, "a list item must begin with \"- \"")]
    [InlineData("loki:\n  url http://a\n  tenant: x", 2, 3, "this line has no colon with a space after it")]
    [InlineData("cluster: a\nnode", 2, 1, "this line has no colon with a space after it")]
    [InlineData("cluster: a\nnode b\nenvironment: c", 2, 1, "this line has no colon with a space after it")]
    [InlineData("tests:\n- name: a\n  input: |\n      at a.B\n    b\n  expect: []", 5, 5, "this line is indented less than the first line of the text under input, so the text would end here; write input: |2, which says")]
    [InlineData("tests:\n  - expect: []\n    input: |-\n\n        at a.B\n      b: c", 6, 7, "write input: |2-, which says that the text is indented by 2")]
    [InlineData("labels:\n  a: b\n  - c", 3, 3, "this is a list item among keys")]
    [InlineData("\"cluster\":a", 1, 10, "write a space after this colon")]
    [InlineData("cluster: \"a\nnode: b", 1, 10, "this quote is not closed")]
    [InlineData("sources:\n  journal:\n    units: [a,\n  b]", 4, 3, "is a comma, } or ] missing before this? If not, indent this line further")]
    [InlineData("sources:\n  journal:\n    units:\n      -a\n      -b", 4, 7, "write each item as \"- ITEM\"")]
    [InlineData("cluster: @a", 1, 10, "an unquoted value can't begin with @; put it in quotes")]
    [InlineData("cluster: `a`", 1, 10, "an unquoted value can't begin with `; put it in quotes")]
    [InlineData("cluster: %a", 1, 10, "an unquoted value can't begin with %; put it in quotes")]
    [InlineData("cluster: |a", 1, 10, "an unquoted value can't begin with |; put it in quotes")]
    [InlineData("cluster: - a", 1, 10, "a list can't start on the line of its key")]
    [InlineData("cluster: 'a", 1, 10, "this quote is not closed")]
    [InlineData("cluster: 'it's'", 1, 14, "put the whole value in quotes")]
    [InlineData("cluster: \"a\" b", 1, 14, "put the whole value in quotes")]
    [InlineData("cluster: \"a\\d\"", 1, 10, "write \\\\ for a backslash")]
    [InlineData("cluster: a\n}", 2, 1, "this } closes nothing")]
    [InlineData("loki: {url: http://a tenant: x}", 1, 28, "is a comma, } or ] missing before this?")]
    [InlineData("cluster: {{ .Values.cluster }}", 1, 10, "this is a template, but the agent does not render templates")]
    [InlineData("{{- if .Values.loki }}\ncluster: a\n{{- end }}", 1, 1, "this is a template")]
    [InlineData("cluster:a", 1, 1, "must be a mapping, not \"cluster:a\"; write a space after the colon")]
    [InlineData("cluster a", 1, 1, "must be a mapping, not \"cluster a\"; write KEY: VALUE")]
    [InlineData("- cluster: a", 1, 1, "must be a mapping, not a list; write its keys without \"- \"")]
    [InlineData("loki: {url:http://a}", 1, 8, "write a space after the colon, as in url: VALUE")]
    [InlineData("url: http://a", 1, 1, "unknown key \"url\"; did you mean loki.url?")]
    [InlineData("sources:\n  containers:\n  heldBytes: 1GiB", 3, 3, "unknown key \"heldBytes\" in sources; did you mean sources.containers.heldBytes?")]
    [InlineData("sources: {journal: {units: kubelet}}", 1, 28, "must be a list, not \"kubelet\"; write [\"kubelet\"]")]
    [InlineData("cluster: !env NAME", 1, 10, "the tag !env has no meaning here; remove it. For an environment variable, write ${NAME}")]
    [InlineData("cluster: “a”", 1, 10, "YAML treats “ as part of the text, not as a quote; type \" or '")]
    [InlineData("cluster: a\u00A0b", 1, 11, "the character U+00A0 looks like a space but is not one")]
    [InlineData("cluster: |\n  a\n  b", 1, 10, "cluster must be one line without control characters, not \"a\\nb\"")]
    public async Task Validate_YamlMistake_NamesPlaceAndRemedy(string yaml, int line, int column, string message) =>
        await _sut.AssertRefusedAsync(yaml, line, column, message);

    /// <summary>The configuration of another agent is one error, not one for each of its keys.</summary>
    [Theory]
    [InlineData("# a comment\n\n[SERVICE]\n    Flush 1\n\n[INPUT]\n    Name tail", 3, "of Fluent Bit")]
    [InlineData("@INCLUDE inputs.conf\n[OUTPUT]\n    Name loki", 1, "of Fluent Bit")]
    [InlineData("service:\n  flush: 1\npipeline:\n  inputs:\n    - name: tail", 3, "docs/migrate.md lists what replaces each setting of Fluent Bit")]
    [InlineData("server:\n  http_listen_port: 9080\nclients:\n  - url: http://a\nscrape_configs:\n  - job_name: a", 5, "of Promtail")]
    [InlineData("loki.write \"a\" {\n  endpoint {\n    url = \"http://a\"\n  }\n}", 1, "of Grafana Alloy")]
    [InlineData("// a comment\nlogging {\n  level = \"info\"\n}", 2, "of Grafana Alloy")]
    [InlineData("prometheus.exporter.unix \"a\" { }", 1, "of Grafana Alloy")]
    [InlineData("<source>\n  @type tail\n</source>", 1, "of Fluentd")]
    [InlineData("[sources.a]\ntype = \"file\"", 1, "of Vector")]
    [InlineData("sources: {a: {type: file}}\nsinks: {b: {type: loki}}", 2, "of Vector")]
    [InlineData("receivers: {filelog: {}}\nexporters: {otlp: {}}", 1, "of the OpenTelemetry Collector")]
    [InlineData("auth_enabled: false\nserver: {http_listen_port: 3100}", 1, "of Loki")]
    [InlineData("cluster = \"a\"", 1, "this is an INI or TOML file")]
    [InlineData("apiVersion: v1\nkind: ConfigMap\ndata:\n  shipper.yaml: |\n    cluster: a", 1, "this is a Kubernetes manifest (\"ConfigMap\")")]
    [InlineData("size: small\nconfig:\n  cluster: a", 2, "these are values of the Helm chart; pass only the part under config")]
    public async Task Validate_FileOfAnotherProgram_RecognizesIt(string text, int line, string message) => await _sut.AssertRefusedAsync(text, line, 1, message);

    [Theory]
    [InlineData("{\n\t\"cluster\": \"c\",\n\t\"loki\": {\"url\": \"http://a\"}\n}\n")]
    [InlineData("cluster: c\r\nloki:\r\n  url: http://a\r\n")]
    [InlineData("---\ncluster: c\n...\n")]
    [InlineData("\uFEFFcluster: c\n")]
    [InlineData("cluster:\tc\t# a tab that indents nothing\n")]
    [InlineData("cluster: \"“c”\"\n")]
    [InlineData("cluster: !!str 5\n")]
    [InlineData("cluster: |\n  c\n")]
    [InlineData(Cluster + "loki:\n  headers:\n    X-Token: |\n      abc\n")]
    public async Task Validate_UnusualButValidYaml_AcceptsIt(string yaml) => await _sut.AssertValidAsync(yaml);

    [Theory]
    [InlineData("utf-16")]
    [InlineData("utf-16BE")]
    [InlineData("utf-8")]
    public async Task Validate_ByteOrderMark_DetectsTheEncoding(string encoding)
    {
        await File.WriteAllTextAsync(_sut.Path, "cluster: cé\n", Encoding.GetEncoding(encoding), TestContext.Current.CancellationToken);

        CommandResult result = await ShipperProgram.RunAsync("validate", _sut.Path);

        Assert.Equal($"{_sut.Path}: the configuration is valid\n", result.Output);
    }

    [Fact]
    public async Task Validate_Utf16WithoutByteOrderMark_ReportsError()
    {
        await File.WriteAllBytesAsync(_sut.Path, Encoding.Unicode.GetBytes("cluster: c\n"), TestContext.Current.CancellationToken);

        CommandResult result = await ShipperProgram.RunAsync("validate", _sut.Path);

        Assert.Equal($"{_sut.Path}:1:2: this is a NUL character, so the file is binary or UTF-16; save it as UTF-8\n", result.Output);
    }

    /// <summary>A few lines can expand to millions of values.</summary>
    [Fact]
    public async Task Validate_NestedAliases_LimitsTheirExpansion()
    {
        var merged = new StringBuilder("labels: {a0: &a0 {").AppendJoin(", ", Enumerable.Range(0, 100).Select(i => $"k{i}: v")).Append('}');
        for (int i = 1; i < 200; i++)
        {
            merged.Append($", a{i}: &a{i} {{<<: [").AppendJoin(", ", Enumerable.Repeat($"*a{i - 1}", 10)).Append("]}");
        }

        CommandResult result = await _sut.ValidateAsync(merged.Append('}').ToString());

        Assert.Equal(2, result.ExitCode);
        Assert.Contains("<< merges more than 10000 keys in total", result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Validate_NestedTooDeeply_ReportsError()
    {
        CommandResult result = await _sut.ValidateAsync($"cluster: {new string('[', 100_000)}");

        Assert.Equal(2, result.ExitCode);
        Assert.Contains("nested too deeply", result.Output, StringComparison.Ordinal);
    }
}
