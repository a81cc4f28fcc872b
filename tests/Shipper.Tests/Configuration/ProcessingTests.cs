using System.Globalization;
using Shipper.Testing.Program;

namespace Shipper.Tests.Configuration;

/// <summary>Values in the sections <c>processing</c> and <c>tests</c>, and in the parts of other sections that belong to them.</summary>
public sealed class ProcessingTests : IDisposable
{
    private const string Rules = "cluster: c\nprocessing:\n  rules:\n  - ";
    private const string When = Rules + "{name: a, do: drop, when: ";

    private readonly ConfigurationFile _sut = new();

    public void Dispose() => _sut.Dispose();

    [Theory]
    [InlineData("multiline: trace", 14, "processing.multiline must be off, traces, auto, a list of java, python, go, dotnet, node, ruby, php, rust, dart, json, {start: REGEX} or {continue: REGEX}, not \"trace\"")]
    [InlineData("multiline: [java, cobol]", 21, "processing.multiline: \"cobol\" is not one of java, python, go")]
    [InlineData("multiline: [traces]", 15, "\"traces\" is not a language; write multiline: traces, without a list")]
    [InlineData("multiline: []", 14, "processing.multiline is an empty list; write off")]
    [InlineData("multiline: {begin: a}", 15, "unknown key \"begin\" in processing.multiline; known keys are start, continue")]
    [InlineData("multiline: {strat: a}", 15, "did you mean \"start\"?")]
    [InlineData("multiline: {}", 14, "must have one of the keys start and continue")]
    [InlineData("multiline: {start: a, continue: b}", 14, "must have one of the keys start and continue")]
    [InlineData("multiline: {start: '(a'}", 22, "must be a valid regular expression (not enough )'s at character 2), not \"(a\"")]
    [InlineData("ansi: stripped", 9, "processing.ansi must be keep or strip")]
    [InlineData("level: on", 10, "processing.level must be off or detect")]
    [InlineData("trace: yes", 10, "processing.trace must be off or detect")]
    [InlineData("fields: {user: ''}", 12, "processing.fields.user: the path \"\" is empty")]
    [InlineData("fields: {user: user..id}", 12, "the path \"user..id\" has an empty name before or behind a dot")]
    [InlineData("fields: {user: $.user.id}", 12, "the path \"$.user.id\" is not a JSONPath: write user.id")]
    [InlineData("fields: {2nd: b}", 12, "not a valid name for structured metadata")]
    [InlineData("fields: {user-id: b}", 12, "not a valid name for structured metadata")]
    [InlineData("fields: {detected_level: b}", 12, "the agent uses this name itself; choose another name")]
    [InlineData("fields: {trace_id: b}", 12, "the agent uses this name itself")]
    [InlineData("fields: {lost_bytes: b}", 12, "the agent uses this name itself")]
    [InlineData("fields: {namespace: b}", 12, "the agent uses this name itself")]
    [InlineData("fields: {identifier: b}", 12, "the agent uses this name itself, for the journal")]
    [InlineData("redact: {personal: [names]}", 23, "processing.redact.personal: \"names\" is not one of cards, emails, ips, ibans")]
    [InlineData("redact: {secret: true}", 12, "did you mean \"secrets\"?")]
    [InlineData("redact: {patterns: [{name: A, pattern: a}]}", 30, "must be a name of 1 to 64 lower-case letters")]
    [InlineData("redact: {patterns: [{name: email, pattern: a}]}", 30, "must be a name other than that of a built-in kind, such as email, not \"email\"")]
    [InlineData("redact: {patterns: [{name: a}]}", 23, "processing.redact.patterns[0].pattern is missing; write pattern: REGEX")]
    [InlineData("redact: {patterns: [{pattern: a}]}", 23, "processing.redact.patterns[0].name is missing; write name: NAME")]
    [InlineData("redact: {patterns: [{name: a, pattern: 'a*'}]}", 42, "must be a regular expression that can't match an empty text")]
    [InlineData("redact: {patterns: [{name: a, pattern: '\\b'}]}", 42, "must be a regular expression that can't match an empty text")]
    [InlineData("limits: [{name: a}]", 12, "processing.limits[0] (a) limits nothing; set bytes, lines or both")]
    [InlineData("limits: [{name: a, bytes: 1}]", 29, "at least 1KiB")]
    [InlineData("limits: [{name: a, lines: 0}]", 29, "a whole number from 1 to 1000000000")]
    [InlineData("limits: [{name: a, lines: 1, burst: 11m}]", 39, "at least 1s and at most 10m")]
    [InlineData("limits: [{name: a, lines: 1, over: block}]", 38, "must be slow, sample or drop")]
    [InlineData("limits: [{name: a, when: {namespace: []}, lines: 1}]", 40, "processing.limits[0].when.namespace is an empty list, so it would hold for every record")]
    [InlineData("tests: []", 3, "unknown key \"tests\" in processing; did you mean tests?")]
    [InlineData("rule: []", 3, "unknown key \"rule\" in processing; did you mean \"rules\"?")]
    [InlineData("rules: {name: a, do: drop}", 10, "processing.rules must be a list, not a mapping; begin each entry with")]
    public async Task Validate_ValueOfProcessing_NamesPlaceAndRemedy(string yaml, int column, string message) =>
        await _sut.AssertRefusedAsync($"cluster: c\nprocessing:\n  {yaml}", 3, column, message);

    [Theory]
    [InlineData("{do: drop}", 5, "processing.rules[0].name is missing; write name: NAME")]
    [InlineData("{name: a}", 5, "processing.rules[0].do is missing; write do: drop, do: keep or do: {sample: N}")]
    [InlineData("{name: a, od: drop}", 15, "unknown key \"od\" in processing.rules[0]")]
    [InlineData("{name: '', do: drop}", 12, "must be a name of 1 to 64 lower-case letters, digits, -, _ and ., not \"\"")]
    [InlineData("{name: Probes, do: drop}", 12, "must be a name of 1 to 64 lower-case letters")]
    [InlineData("{name: excluded, do: drop}", 12, "a name other than the agent's own reasons (line_too_long, excluded, annotation, refused, retry_limit")]
    [InlineData("{name: annotation, do: drop}", 12, "a name other than the agent's own reasons")]
    [InlineData("{name: a, do: dorp}", 19, "processing.rules[0].do must be drop, keep or {sample: N}, not \"dorp\"")]
    [InlineData("{name: a, do: sample}", 19, "must be drop, keep or {sample: N}")]
    [InlineData("{name: a, do: {sample: 1}}", 28, "processing.rules[0].do.sample must be a whole number from 2 to 1000000, not \"1\"")]
    [InlineData("{name: a, do: {sample: 1000001}}", 28, "a whole number from 2 to 1000000")]
    [InlineData("{name: a, do: {}}", 19, "processing.rules[0].do.sample is missing; write {sample: N}")]
    [InlineData("{name: a, do: [drop]}", 19, "must be drop, keep or {sample: N}, not a list")]
    [InlineData("{name: a, do: drop, preset: healthchecks}", 33, "processing.rules[0].preset must be health-checks, not \"healthchecks\"")]
    public async Task Validate_Rule_NamesPlaceAndRemedy(string rule, int column, string message) => await _sut.AssertRefusedAsync(Rules + rule, 4, column, message);

    [Theory]
    [InlineData("{source: pods}", 40, "processing.rules[0].when.source: \"pods\" is not one of container, journal, file")]
    [InlineData("{namespace: Team_A}", 43, "\"Team_A\" can't match a namespace")]
    [InlineData("{pod: a_b}", 37, "\"a_b\" can't match a pod")]
    [InlineData("{container: [a, a.b]}", 47, "\"a.b\" can't match a container")]
    [InlineData("{unit: a b}", 38, "\"a b\" can't match a unit")]
    [InlineData("{unit: getty@tty1.service}", 38, "\"getty@tty1.service\" is not a value of the label unit; write getty@.service")]
    [InlineData("{filename: a.log}", 42, "\"a.log\" must be an absolute path of files")]
    [InlineData("{stream: out}", 40, "processing.rules[0].when.stream: \"out\" is not one of stdout, stderr")]
    [InlineData("{level: [information]}", 40, "\"information\" is not one of none, trace, debug, info, warn, error, fatal, critical")]
    [InlineData("{level: }", 39, "processing.rules[0].when.level has no value, so it would hold for every record; remove the key, or name at least one value")]
    [InlineData("{level: []}", 39, "processing.rules[0].when.level is an empty list, so it would hold for every record; remove the key, or name at least one value")]
    [InlineData("{source: []}", 40, "processing.rules[0].when.source is an empty list")]
    [InlineData("{pod: a, namespace: []}", 51, "processing.rules[0].when.namespace is an empty list")]
    [InlineData("{filename: []}", 42, "processing.rules[0].when.filename is an empty list")]
    [InlineData("{text: {contains: []}}", 49, "processing.rules[0].when.text.contains is an empty list")]
    [InlineData("{text: {startsWith: }}", 51, "processing.rules[0].when.text.startsWith has no value")]
    [InlineData("{text: {regex: []}}", 46, "processing.rules[0].when.text.regex must be a regular expression, such as \"timeout|refused\", not a list")]
    [InlineData("{text: {regex: }}", 46, "processing.rules[0].when.text.regex has no value")]
    [InlineData("{text: {}}", 38, "processing.rules[0].when.text is an empty mapping, so it would hold for every record; remove the key, or add a condition below it")]
    [InlineData("{field: {}}", 39, "processing.rules[0].when.field is an empty mapping")]
    [InlineData("{field: }", 39, "processing.rules[0].when.field has no value")]
    [InlineData("{}", 31, "processing.rules[0].when is an empty mapping")]
    [InlineData("", 31, "processing.rules[0].when has no value, so it would hold for every record; remove the key, or add a condition below it")]
    [InlineData("{text: {contains: ''}}", 49, "\"\" is empty, so every record has it; remove it")]
    [InlineData("{text: {regex: '(?=a)b'}}", 46, "without look-arounds, backreferences and atomic groups, because these could take too long (positive lookahead")]
    [InlineData("{text: {regex: '(a)\\1'}}", 46, "(backreference (\\ number) is not supported), not \"(a)\\1\"")]
    [InlineData("{text: {regex: 'a{20000}'}}", 46, "a smaller regular expression (lower the repetition counts")]
    [InlineData("{text: {regex: '(?:.{0,32}foo){2}x'}}", 46, "a smaller regular expression: its automaton has more than 1 MiB (lower the repetition counts, or write + or * instead), not \"(?:.{0,32}foo){2}x\"")]
    [InlineData("{text: {regex: '*'}}", 46, "a valid regular expression (quantifier '*' following nothing at character 1)")]
    [InlineData("{text: {regexp: a}}", 39, "did you mean \"regex\"?")]
    [InlineData("{field: {'': a}}", 40, "the path \"\" is empty")]
    [InlineData("{namespaces: [a]}", 32, "unknown key \"namespaces\" in processing.rules[0].when; did you mean \"namespace\"?")]
    public async Task Validate_Condition_NamesPlaceAndRemedy(string when, int column, string message) =>
        await _sut.AssertRefusedAsync($"{When}{when}}}", 4, column, message);

    [Theory]
    [InlineData("tests: [{input: a, expect: []}]", 9, "tests[0].name is missing; write name: NAME")]
    [InlineData("tests: [{name: a, expect: []}]", 9, "tests[0].input is missing; write input: TEXT")]
    [InlineData("tests: [{name: a, input: b}]", 9, "tests[0].expect is missing; list the records that must be sent, or write expect: [] if nothing must be sent")]
    [InlineData("tests: [{name: a, input: b, expect: }]", 37, "tests[0].expect has no value; list the records that must be sent, or write expect: []")]
    [InlineData("tests: [{name: a, input: b, expect: []}, {name: a, input: c, expect: []}]", 49, "tests[1].name: tests[0] already has the name \"a\"")]
    [InlineData("tests: [{name: a, from: {source: pod}, input: b, expect: []}]", 34, "tests[0].from.source must be container, journal or file")]
    [InlineData("tests: [{name: a, from: {unit: u, pod: p}, input: b, expect: []}]", 32, "tests[0].from.unit can't be combined with pod")]
    [InlineData("tests: [{name: a, from: {source: journal, stream: stderr}, input: b, expect: []}]", 34, "only records of containers have a stream")]
    [InlineData("tests: [{name: a, input: b, expect: [{level: err}]}]", 46, "tests[0].expect[0].level must be none, trace")]
    [InlineData("tests: [{name: a, input: b, expect: [{lines: a}]}]", 39, "did you mean \"line\"?")]
    [InlineData("kubernetes: {annotations: {allow: [exlude]}}", 36, "kubernetes.annotations.allow: \"exlude\" is not an annotation that the agent knows; did you mean exclude?")]
    [InlineData("kubernetes: {annotations: {allow: [tenant]}}", 36, "use ansi, drop, exclude, fields, level, limit, multiline, multiline-start, redact, sample, trace, or * for all")]
    [InlineData("kubernetes: {annotations: {allow: [shipper.io/level]}}", 36, "has a prefix that is left out here; write level")]
    [InlineData("kubernetes: {structuredMetadata: {detected_level: podUid}}", 35, "the agent uses this name itself")]
    [InlineData("sources: {files: [{include: [/a.log], multiline: jaav}]}", 50, "sources.files[0].multiline must be off, traces, auto")]
    [InlineData("sources: {files: [{include: [/a.log], level: }]}", 46, "sources.files[0].level has no value; set it to off or detect, or remove the key")]
    public async Task Validate_TestAnnotationOrFile_NamesPlaceAndRemedy(string yaml, int column, string message) =>
        await _sut.AssertRefusedAsync($"cluster: c\n{yaml}", 2, column, message);

    [Theory]
    [InlineData("rules", "{{name: a{0}, do: drop, when: {{pod: a{0}}}}}", 201, "processing.rules has 201 entries, but at most 200 are allowed; remove some")]
    [InlineData("limits", "{{name: a{0}, lines: 1, when: {{pod: a{0}}}}}", 51, "processing.limits has 51 entries, but at most 50")]
    [InlineData("redact", "{{name: a{0}, pattern: a}}", 51, "processing.redact.patterns has 51 entries, but at most 50")]
    [InlineData("fields", "a{0}: b", 33, "processing.fields has 33 fields, but at most 32 are allowed")]
    public async Task Validate_TooManyEntries_ReportsTheNumber(string key, string item, int count, string message)
    {
        string All(int number) => string.Join(", ", Enumerable.Range(0, number).Select(i => string.Format(CultureInfo.InvariantCulture, item, i)));
        string Yaml(int number) =>
            $"cluster: c\nprocessing:\n  {key}: {(key == "fields" ? $"{{{All(number)}}}" : key == "redact" ? $"{{patterns: [{All(number)}]}}" : $"[{All(number)}]")}";

        await _sut.AssertValidAsync(Yaml(count - 1));
        CommandResult result = await _sut.ValidateAsync(Yaml(count));

        Assert.Contains(message, result.Output, StringComparison.Ordinal);
        Assert.Equal(2, result.ExitCode);
    }

    [Theory]
    [InlineData("{when: {namespace: batch-*, stream: stdout, level: debug}}")]
    [InlineData("{when: {unit: kubelet}}")]
    [InlineData("{when: {text: {startsWith: GET, regex: '\\b(?:200|30\\d)\\b'}, field: {a.b: '*', c: ''}}}")]
    [InlineData("{when: {source: [journal, file], level: [none, info]}}")]
    public async Task Validate_SensibleRule_AcceptsItWithoutWarning(string rule) =>
        await _sut.AssertValidAsync($"{Rules}{rule.Insert(1, "name: a.b_c-1, do: drop, ")}");

    [Theory]
    [InlineData("tests:\n- name: a test\n  input: |\n    costs $HOME\n    \"a\"\n  expect:\n  - line: \"costs $$HOME\"\n")]
    [InlineData("tests: [{name: a, from: {source: journal}, input: \"a\\e[31m\\0b\", expect: [{}]}]")]
    [InlineData("sources: {files: [{include: [/a.log]}]}\ntests: [{name: a, from: {filename: /a.log}, input: '', expect: [{metadata: {level: b}}]}]")]
    [InlineData("kubernetes: {annotations: {allow: [multiline*, level], foreign: false}}")]
    [InlineData("kubernetes: {annotations: {allow: []}}")]
    [InlineData("sources: {files: [{include: [/a.log], multiline: {start: '^\\d'}, fields: {}}]}")]
    public async Task Validate_SensibleTestAnnotationOrFile_AcceptsItWithoutWarning(string yaml) => await _sut.AssertValidAsync($"cluster: c\n{yaml}");

    [Theory]
    [InlineData("")]
    [InlineData("sources: {files: [{include: [/var/log/*.log], exclude: [/var/log/a.log]}]}")]
    public async Task Validate_TestOfFileThatIsNotRead_Warns(string sources) => await _sut.AssertWarnedAsync(
        $"tests: [{{name: a, from: {{filename: /var/log/a.log}}, input: b, expect: [{{}}]}}]\ncluster: c\n{sources}", 1, 36,
        "no entry of sources.files includes \"/var/log/a.log\", so the agent does not read such a file, and the test runs without the settings of an entry");

    [Fact]
    public async Task Validate_RuleDropsEverything_Warns()
    {
        const string Message = "(all) has no condition (when), and no rule before it keeps a record, so nothing is sent; add a condition, or a rule before it with do: keep";

        await _sut.AssertWarnedAsync(Rules + "{name: all, do: drop}", 4, 5, Message);
        await _sut.AssertWarnedAsync(Rules + "{name: a, do: drop, when: {pod: a}}\n  - {name: all, do: drop}", 5, 5, Message);
        await _sut.AssertValidAsync(Rules + "{name: a, do: keep, when: {pod: a}}\n  - {name: all, do: drop}");
        await _sut.AssertValidAsync(Rules + "{name: a, do: {sample: 10}, when: {pod: a}}\n  - {name: all, do: drop}");
        await _sut.AssertValidAsync(Rules + "{name: all, do: {sample: 10}}");
    }
}
