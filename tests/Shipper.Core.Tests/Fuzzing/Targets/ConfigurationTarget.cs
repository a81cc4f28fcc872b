extern alias program;

using System.Text;
using System.Text.RegularExpressions;
using program::Shipper.Configuration;
using Shipper.Core.Tests.Support;

namespace Shipper.Core.Tests.Fuzzing.Targets;

/// <summary>A configuration file. Every problem has a place in it; if there is no error, <c>shipper config</c> prints an equivalent configuration.</summary>
internal sealed partial class ConfigurationTarget : FuzzTarget, IDisposable
{
    private static readonly string[] Small =
    [
        "loki: {url: \"http://loki:3100\"}\n", "cluster: &c production\nenvironment: *c\n", "sources:\n  files:\n    - include: [/a/*.log]\n      labels: {job: j}\n      startAt: 90m\n",
        "loki:\n  headers: {X-A: \"${B:-c}\"}\n  retry: {initial: 1.5s, max: 1m30s, limit: 3}\n", "labels:\n  ? a\n  : b\n  'c': \"d\\te\\u00e4\"\n", "cluster: |\n  a\n  b\nenvironment: >-\n  c\n  d\n",
        "sources:\n  files:\n  - &a {include: [/a/*.log]}\n  - {<<: [*a, {startAt: end}], exclude: [/b]}\n", "cluster: $A\nnode: '$(B)'\nsources: {files: [{include: [/a/*.log]}, {include: [/a/**]}], journal: {units: [kubelet]}}\n",
        "kubernetes: {labels: {app: 'label:a'}, structuredMetadata: {uid: podUid}}\n", "buffer: {memory: 64MiB}\nserver: {listen: \"[::]:2020\"}\nlog: {level: warn, format: text}\n",
        "processing:\n  multiline: {start: '^\\d'}\n  fields: {user: user.id}\n  rules:\n  - {name: a, when: {namespace: batch-*, level: [debug], text: {contains: x, regex: 'a|b'}, field: {s: 2*}}, do: {sample: 9}}\n  - {name: b, preset: health-checks, do: drop}\n",
        "processing: {multiline: [java, json], limits: [{name: a, when: {unit: kubelet}, bytes: 1MiB, over: drop}], redact: {personal: [ips], patterns: [{name: a, pattern: 'a+'}]}}\n",
        "tests:\n- name: t\n  from: {filename: /a}\n  input: |\n    a\n    b\n  expect: [{line: \"a\\e\\nb\", level: none, metadata: {u: v}}]\nkubernetes: {annotations: {allow: [level]}}\n",
        "sources: {files: [{include: [/a], multiline: auto, ansi: strip, level: off, trace: detect, fields: {a: b}}]}\n",
    ];

    private readonly TemporaryDirectory _directory = new(isInMemory: true);

    public override string Name => "configuration";

    public override IEnumerable<byte[]> Seeds
    {
        get
        {
            byte[] whole = File.ReadAllBytes(Path.Combine(Recordings.Repository, "config/shipper.yaml"));
            return [whole, [.. whole.Split((byte)'\n').Where(line => !line.AsSpan().TrimStart((byte)' ').StartsWith("#"u8)).SelectMany(line => (byte[])[.. line, (byte)'\n'])], .. Small.Select(Encoding.UTF8.GetBytes)];
        }
    }

    public override IReadOnlyList<byte[]> Words { get; } =
    [
        .. ((string[])
        [
            ": ", "- ", "? ", ", ", "{", "}", "[", "]", "\"", "'", "|\n ", ">-\n ", "#", " #", "&a ", "*a", "!!str ", "! ", "!<x> ", "%YAML 1.2\n---\n", "%TAG ! x\n---\n", "%YAML 99999999999.9\n", "---\n", "...\n", "\n", "\r\n", "\r", "\n  ", "\n    ", "\t",
            "null", "~", "\"\"", "true", "no", "<<: ", "<<: *a", "$A", "$(A)", "!env ", "{{", "“", "[SERVICE]\n", "pipeline: ", "\\u0085", "\\x00", "\\ud800", "\\U00110000", "\u0085", "\u2028", "\u00a0", "\uFEFF", "\0", "ä", "😀", "${", "${A}", "${A:-b}", "$${A}", "${1}", "}",
            "1.5", "1e3", "0.0001ms", "9999999h", "1KiB", "2.5MB", "9223372036854775807", "99999999999999999999999999999", "256B", "1h30m", "end", "beginning", "/a/**/b*?.log", "\\", "cluster: ", "node: ", "labels: {a: b}\n",
            "loki: ", "url: ", "http://a", "https://[::1]:1", "http://\u00e4", "headers: ", "tenant: ", "sources: ", "containers: ", "files: ", "include: [/a]", "exclude: ", "startAt: ", "maxLineSize: ", "labels: ", "journal: ", "units: ", "kubernetes: ", "structuredMetadata: ",
            "podUid", "label:x", "batch: ", "size: ", "wait: ", "retry: ", "initial: ", "max: ", "limit: ", "buffer: ", "memory: ", "server: ", "listen: ", ":0", "localhost:1", "0.0.0.0:65536", "log: ", "level: ", "format: ", "state: ", "path: ",
            "processing: ", "tests: ", "multiline: ", "start: ", "continue: ", "ansi: strip", "trace: detect", "off", "auto", "java", "json", "fields: ", "rules: ", "- {name: a, do: drop}\n", "name: ", "do: ", "keep", "sample: ", "when: ", "preset: ", "health-checks",
            "source: ", "container: ", "journal", "namespace: ", "pod: ", "unit: ", "filename: ", "stream: stderr", "none", "text: ", "contains: ", "startsWith: ", "regex: ", "(?=a)", "(a", "\\1", "[^a]*", "a{999}", "field: ", "a.b: ", "limits: ", "bytes: ", "lines: ",
            "burst: ", "over: slow", "redact: ", "secrets: true", "personal: ", "cards", "patterns: ", "pattern: ", "from: ", "input: ", "expect: ", "line: ", "metadata: ", "annotations: ", "allow: ", "namespaces: ", "foreign: ",
        ]).Select(Encoding.UTF8.GetBytes),
        [0xFF], [0xFE, 0xFF], [0xFF, 0xFE], [0xC3],
    ];

    public override string Check(byte[] input)
    {
        ConfigFile config = Load(input, out string text);
        string[] lines = LineEnd().Split(text);
        string[] linesOfEditor = text.Split('\n');
        foreach (ConfigProblem problem in config.Problems)
        {
            Assert.True(IsWithin(problem.At, lines) || IsWithin(problem.At, linesOfEditor), problem.Format("file"));
            Assert.NotEqual("", problem.Message);
        }

        if (!config.HasErrors)
        {
            string printed = ConfigSchema.ToYaml(config.Options);
            ConfigFile again = ConfigFile.Parse(printed, _ => throw new InvalidOperationException("a variable is left"));
            Assert.True(again.Problems.All(problem => problem.IsWarning), $"{string.Join('\n', again.Problems.Select(problem => problem.Format("printed")))}\n{printed}");
            Assert.Equal(printed, ConfigSchema.ToYaml(again.Options));
            AssertSame(config, again);
        }

        string first = config.Problems.Count > 0 ? Values().Replace(config.Problems[0].Message, "") : "";
        return $"{config.HasErrors} {Magnitude(config.Problems.Count)} {first[..Math.Min(60, first.Length)]}";
    }

    public void Dispose() => _directory.Dispose();

    private ConfigFile Load(byte[] input, out string text)
    {
        string path = _directory["shipper.yaml"];
        File.WriteAllBytes(path, input);
        text = File.ReadAllText(path);

        // From the file only if its bytes matter: loading a file allocates 4 MiB each time.
        return Encoding.UTF8.GetBytes(text).AsSpan().SequenceEqual(input) ? ConfigFile.Parse(text, GetVariable) : ConfigFile.Load(path, FileCheck.None);
    }

    private static bool IsWithin(SourceLocation at, string[] lines) =>
        at.Line >= 1 && at.Line <= lines.Length && at.Column >= 1 && at.Column <= lines[at.Line - 1].Length + 1;

    private static string? GetVariable(string name) => name.Length == 1 ? null : name.Length == 2 ? "" : $"value of {name}";

    /// <summary>Printing may round or lose values, so the options themselves are compared as well, except secrets.</summary>
    private static void AssertSame(ConfigFile config, ConfigFile again)
    {
        Assert.Equal(config.Options.Cluster, again.Options.Cluster);
        Assert.Equal(config.Options.Node, again.Options.Node);
        Assert.Equal(config.Options.Labels, again.Options.Labels);
        Assert.Equal(config.Options.Loki.Url, again.Options.Loki.Url);
        Assert.Equal(config.Options.Loki.Retry.Initial, again.Options.Loki.Retry.Initial);
        Assert.Equal(config.Options.Loki.Headers.Keys, again.Options.Loki.Headers.Keys);
        Assert.Equal(config.Options.Containers.Tailer.StartAt, again.Options.Containers.Tailer.StartAt);
        Assert.Equal(config.Options.Containers.Tailer.MaxLineBytes, again.Options.Containers.Tailer.MaxLineBytes);
        Assert.Equal(config.Options.Containers.Include, again.Options.Containers.Include);
        Assert.Equal(config.Options.BufferMemory, again.Options.BufferMemory);
        Assert.Equal(config.Options.Processing.Multiline, again.Options.Processing.Multiline);
        Assert.Equal(config.Options.Processing.Fields, again.Options.Processing.Fields);
        Assert.Equal(config.Options.Processing.Rules.Select(rule => (rule.Name, rule.Preset, rule.Do, rule.When.Text.Regex)), again.Options.Processing.Rules.Select(rule => (rule.Name, rule.Preset, rule.Do, rule.When.Text.Regex)));
        Assert.Equal(config.Options.Processing.Redact.Patterns.Select(pattern => pattern.Pattern), again.Options.Processing.Redact.Patterns.Select(pattern => pattern.Pattern));
        Assert.Equal(config.Options.Tests.Select(test => (test.Input, test.From.Source, test.Expect.Count)), again.Options.Tests.Select(test => (test.Input, test.From.Source, test.Expect.Count)));
        Assert.Equal(config.Options.Files.Select(file => (file.Multiline, file.Level, file.Fields?.Count)), again.Options.Files.Select(file => (file.Multiline, file.Level, file.Fields?.Count)));
        Assert.Equal(config.Options.Files.Select(file => string.Join('\n', file.Include)), again.Options.Files.Select(file => string.Join('\n', file.Include)));
    }

    // YAML 1.1 has more line breaks than editors do.
    [GeneratedRegex("\r\n|[\n\r\u0085\u2028\u2029]")]
    private static partial Regex LineEnd();

    [GeneratedRegex("\"[^\"]*\"?|[0-9]+")]
    private static partial Regex Values();
}
