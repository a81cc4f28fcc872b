using Shipper.Testing.Program;

namespace Shipper.Tests.Configuration;

/// <summary>Rules and limits that are valid one by one, but can never match.</summary>
public sealed class RuleConflictTests : IDisposable
{
    private const string Files =
        "cluster: c\nsources: {containers: {enabled: false}, journal: {enabled: false}, files: [{include: [/var/log/nginx/*.log, /opt/**/*shop.log]}]}\n";

    private const string LogFiles = "cluster: c\nsources: {files: [{include: [/var/log/a/*.log]}]}\n";

    private readonly ConfigurationFile _sut = new();

    public void Dispose() => _sut.Dispose();

    [Theory]
    [InlineData("{unit: u, namespace: n}", "when.unit can't be combined with namespace: only records of the journal have a unit, and only records of containers have a namespace")]
    [InlineData("{unit: u, stream: stderr}", "when.stream can't be combined with unit")]
    [InlineData("{filename: /a, container: n}", "when.filename can't be combined with container")]
    [InlineData("{filename: /a, unit: u}", "when.filename can't be combined with unit")]
    [InlineData("{source: journal, pod: p}", "when.source has journal, but only records of containers have a pod; write container, or remove pod")]
    [InlineData("{source: [container, file], namespace: n}", "when.source has file, but only records of containers have a namespace; remove file, or remove namespace")]
    [InlineData("{namespace: [kube-system, kube-*, test]}", "when.namespace can't hold, because kubernetes.namespaces leaves out kube-system, kube-*, test; change one of them")]
    public async Task Validate_ConditionCannotHold_ReportsError(string when, string message)
    {
        string before = "cluster: c\nkubernetes: {namespaces: {include: [\"*-*\", shop, n], exclude: [\"kube-*\"]}}\nprocessing: ";

        await AssertRefusedAsync($"{before}{{rules: [{{name: a, do: drop, when: {when}}}]}}", $"processing.rules[0].{message}");
        await AssertRefusedAsync($"{before}{{limits: [{{name: a, lines: 1, over: drop, when: {when}}}]}}", $"processing.limits[0].{message}");
    }

    [Theory]
    [InlineData("level: off, rules: [{name: a, do: drop, when: {level: debug}}]", "processing.rules[0].when.level can't hold, because processing.level is off; set processing.level: detect")]
    [InlineData("limits: [{name: a, lines: 1, over: drop, when: {filename: /a.log}}]", "processing.limits[0].when.filename can't hold, because sources.files is empty; change that, or remove processing.limits[0]")]
    [InlineData("limits: [{name: a, lines: 1, when: {unit: kubelet}}]", "processing.limits[0].over can't be slow for records of the journal")]
    [InlineData("limits: [{name: a, lines: 1, over: slow, when: {source: [journal]}}]", "write over: sample or over: drop")]
    [InlineData("fields: {uid: a.b}", "processing.fields.uid and kubernetes.structuredMetadata.uid have the same name")]
    [InlineData("rules: [{name: a, do: drop, when: {pod: a}}, {name: a, do: drop, when: {pod: b}}]", "processing.rules[1].name: processing.rules[0] already has the name \"a\", but records are counted by name")]
    [InlineData("rules: [{name: a, do: drop, when: {pod: a}}], limits: [{name: a, lines: 1}]", "processing.limits[0].name: processing.rules[0] already has the name \"a\"")]
    [InlineData("redact: {patterns: [{name: a, pattern: a}, {name: a, pattern: b}]}", "processing.redact.patterns[1].name: processing.redact.patterns[0] already has the name \"a\"")]
    public async Task Validate_PartsCannotWorkTogether_ReportsError(string processing, string message) =>
        await AssertRefusedAsync($"cluster: c\nkubernetes: {{structuredMetadata: {{uid: podUid}}}}\nprocessing: {{{processing}}}", message);

    [Theory]
    [InlineData("{unit: kubelet}", "when.unit can't hold, because sources.journal.enabled is false; change that, or remove processing.rules[0]")]
    [InlineData("{source: journal}", "when.source can't hold, because sources.journal.enabled is false")]
    [InlineData("{level: info, pod: a}", "when.pod can't hold, because sources.containers.enabled is false")]
    [InlineData("{source: [container, journal]}", "when.source can't hold, because sources.containers.enabled is false and sources.journal.enabled is false")]
    [InlineData("{filename: /var/log/apache/*.log}", "when.filename can't hold, because no entry of sources.files includes such a file; correct the path, or remove processing.rules[0]")]
    [InlineData("{filename: [/var/log/nginx/error.txt, \"*access\"]}", "when.filename can't hold")]
    [InlineData("{filename: /opt/cart.log}", "when.filename can't hold")]
    public async Task Validate_ConditionOnLogsThatAreNotRead_ReportsError(string when, string message) =>
        await AssertRefusedAsync($"{Files}processing: {{rules: [{{name: a, do: drop, when: {when}}}]}}", $"processing.rules[0].{message}");

    [Theory]
    [InlineData("{source: [journal, file]}")]
    [InlineData("{filename: \"*\"}")]
    [InlineData("{filename: /var/log/nginx/*.log}")]
    [InlineData("{filename: [/var/log/apache/*.log, \"*access.lo?\"]}")]
    [InlineData("{filename: /opt/shop.log}")]
    [InlineData("{filename: /opt/shop/a/*.log}")]
    public async Task Validate_ConditionOnFilesThatMayBeRead_AcceptsIt(string when) =>
        await _sut.AssertValidAsync($"{Files}processing: {{rules: [{{name: a, do: drop, when: {when}}}]}}");

    [Fact]
    public async Task Validate_TextLongerThanAnyRecord_ReportsError() => await AssertRefusedAsync(
        $"cluster: c\nprocessing: {{rules: [{{name: a, do: drop, when: {{text: {{contains: {new string('x', (256 * 1024) + 1)}}}}}}}]}}",
        "is longer than any record, which has at most 256KiB; shorten it");

    [Fact]
    public async Task Validate_RuleForAllRecords_MustBeTheLast()
    {
        const string All = "{name: all, do: keep}";
        const string Debug = "{name: debug, do: drop, when: {level: debug}}";

        await _sut.AssertValidAsync($"cluster: c\nprocessing:\n  rules:\n  - {Debug}\n  - {All}");
        await _sut.AssertRefusedAsync(
            $"cluster: c\nprocessing:\n  rules:\n  - {All}\n  - {Debug}\n  - {Debug.Replace("name: d", "name: e", StringComparison.Ordinal)}", 4, 5,
            "processing.rules[0] (all) matches every record, so those after it can never match; move it to the end, or add a condition (when)");
    }

    [Theory]
    [InlineData("when: {pod: api}", "when: {pod: api}")]
    [InlineData("when: {pod: api-*}", "when: {pod: [api-1, api-b*]}")]
    [InlineData("when: {namespace: [a, \"b-*\"]}", "when: {namespace: [b-1, a], pod: x}")]
    [InlineData("when: {level: [debug, trace]}", "when: {level: trace, source: journal}")]
    [InlineData("when: {source: container}", "when: {container: nginx}")]
    [InlineData("when: {namespace: \"*\"}", "when: {pod: x}")]
    [InlineData("when: {stream: [stdout, stderr]}", "when: {pod: x}")]
    [InlineData("when: {unit: \"*\"}", "when: {source: journal}")]
    [InlineData("when: {unit: kubelet}", "when: {unit: kubelet.service, level: info}")]
    [InlineData("when: {filename: /var/log/a/*.log}", "when: {filename: [/var/log/a/b.log, /var/log/a/*.log]}")]
    [InlineData("when: {text: {contains: [tick, tock]}}", "when: {text: {contains: [ticker, \"a tock\"]}}")]
    [InlineData("when: {text: {contains: tick}}", "when: {text: {startsWith: a tick}}")]
    [InlineData("when: {text: {startsWith: GET}}", "when: {text: {startsWith: GET /}}")]
    [InlineData("when: {text: {regex: a+}}", "when: {text: {regex: a+, contains: b}}")]
    [InlineData("when: {field: {status: \"2*\"}}", "when: {field: {status: 200, verb: get}}")]
    [InlineData("preset: health-checks", "preset: health-checks, when: {pod: x}")]
    public async Task Validate_RuleAfterOneThatMatchesItsRecords_ReportsError(string first, string second)
    {
        string message = "[1] (b) can never match, because processing.rules[0] (a) comes first and matches all of its records; change their order, or remove one of them";

        foreach (string action in (string[])["drop", "keep", "{sample: 10}"])
        {
            await AssertRefusedAsync($"{LogFiles}processing: {{rules: [{{name: a, do: {action}, {first}}}, {{name: b, do: drop, {second}}}]}}", $"processing.rules{message}");
        }

        if (!first.StartsWith("preset", StringComparison.Ordinal))
        {
            await AssertRefusedAsync(
                $"{LogFiles}processing: {{limits: [{{name: a, lines: 9, over: drop, {first}}}, {{name: b, lines: 1, over: drop, {second}}}]}}",
                $"processing.limits{message.Replace("rules", "limits", StringComparison.Ordinal)}");
        }
    }

    [Theory]
    [InlineData("when: {pod: api-1}", "when: {pod: api-*}")]
    [InlineData("when: {pod: api}", "when: {pod: [api, web]}")]
    [InlineData("when: {pod: api, level: info}", "when: {pod: api}")]
    [InlineData("when: {namespace: \"*\"}", "when: {level: info}")]
    [InlineData("when: {stream: [stdout, stderr]}", "when: {level: info}")]
    [InlineData("when: {source: container}", "when: {level: info}")]
    [InlineData("when: {source: [container, file]}", "when: {source: [container, journal]}")]
    [InlineData("when: {text: {contains: ticker}}", "when: {text: {contains: tick}}")]
    [InlineData("when: {text: {contains: Tick}}", "when: {text: {contains: tick}}")]
    [InlineData("when: {text: {startsWith: tick}}", "when: {text: {contains: tick}}")]
    [InlineData("when: {text: {contains: a}}", "when: {text: {contains: [a, b]}}")]
    [InlineData("when: {text: {regex: a}}", "when: {text: {contains: a}}")]
    [InlineData("when: {field: {status: 200}}", "when: {field: {status: \"2*\"}}")]
    [InlineData("when: {field: {status: 200, verb: get}}", "when: {field: {status: 200}}")]
    [InlineData("when: {filename: /var/log/*}", "when: {filename: /var/log/a/b.log}")]
    [InlineData("preset: health-checks", "when: {pod: x}")]
    [InlineData("preset: health-checks, when: {pod: x}", "preset: health-checks")]
    public async Task Validate_RuleAfterANarrowerOne_AcceptsIt(string first, string second) =>
        await _sut.AssertValidAsync($"{LogFiles}processing: {{rules: [{{name: a, do: drop, {first}}}, {{name: b, do: drop, {second}}}]}}");

    [Theory]
    [InlineData("kubernetes: {namespaces: {include: [shop], exclude: [a]}}\nprocessing: {rules: [{name: a, do: drop, when: {namespace: [a, s*]}}]}")]
    [InlineData("sources: {files: [{include: [/a.log], level: detect}]}\nprocessing: {level: off, rules: [{name: a, do: drop, when: {level: info}}]}")]
    [InlineData("processing: {limits: [{name: a, lines: 1}, {name: b, lines: 1}]}\nlabels: {}", "processing.limits[0] (a) matches every record")]
    [InlineData("processing: {limits: [{name: a, lines: 1, over: slow, when: {source: [journal, file]}}]}")]
    public async Task Validate_CombinationThatMayWork_IsRefusedOnlyIfItCannot(string yaml, string? message = null)
    {
        CommandResult result = await _sut.ValidateAsync($"cluster: c\n{yaml}");

        Assert.Contains(message ?? "the configuration is valid", result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Validate_ValueOfAConditionIsWrong_ReportsNothingThatFollowsFromIt() => await AssertRefusedAsync(
        "cluster: c\nprocessing: {rules: [{name: a, do: drop, when: {levle: debug}}, {name: b, do: drop, when: {pod: x}}]}",
        "unknown key \"levle\" in processing.rules[0].when; did you mean \"level\"?");

    [Fact]
    public async Task Validate_NamespaceDefaultsWithoutApiServer_Warns() => await _sut.AssertWarnedAsync(
        "cluster: c\nkubernetes: {enabled: false, annotations: {namespaces: true}}", 2, 56, "kubernetes.annotations.namespaces needs the API server");

    private async Task AssertRefusedAsync(string yaml, string message)
    {
        CommandResult result = await _sut.ValidateAsync(yaml);

        Assert.Equal(2, result.ExitCode);
        string problem = Assert.Single(result.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.Contains(message, problem, StringComparison.Ordinal);
    }
}
