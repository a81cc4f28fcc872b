using BenchmarkDotNet.Attributes;
using Shipper.Benchmarks.Input;
using Shipper.Processing;
using Shipper.Processing.Levels;
using Shipper.Processing.Limits;
using Shipper.Processing.Multiline;
using Shipper.Processing.Redaction;
using Shipper.Processing.Rules;

namespace Shipper.Benchmarks.HotPath;

/// <summary>
/// Measures time and allocated bytes per line from the file to the compressed batch, with the settings of the scenario processing and its lines.
/// </summary>
[MemoryDiagnoser]
[MinColumn]
public class ProcessingBenchmarks
{
    private const int Files = 4;
    private const int Lines = 40_000;

    private readonly string _directory = Directory.CreateTempSubdirectory("shipper-benchmark-").FullName;
    private ReadLoop _loop = null!;

    /// <summary>A name of <see cref="Suite.ProcessingSetting"/>.</summary>
    [Params("off", "defaults", "secrets", "everything")]
    public string Setting { get; set; } = "";

    [GlobalSetup]
    public void Prepare()
    {
        WrittenInput input = InputWriter.Write(Path.Combine(_directory, "input"), Files, Lines, TimeSpan.FromMinutes(10), create: file => new ServiceLines(file));
        string state = Directory.CreateDirectory(Path.Combine(_directory, "state")).FullName;
        _loop = new ReadLoop(state, [.. Enumerable.Range(0, Files).Select(input.Logs.PathOf)], OptionsOf(Setting));
    }

    [Benchmark(OperationsPerInvoke = Lines, Description = "read, parse, process, encode, compress")]
    public int FileToBatch() => _loop.Run(compresses: true);

    [GlobalCleanup]
    public void Clean()
    {
        _loop.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    /// <summary>Returns the options that a section of <see cref="Suite.ProcessingSetting"/> has.</summary>
    internal static ProcessingOptions OptionsOf(string setting) => setting switch
    {
        "off" => Off(),
        "secrets" => Off(secrets: true),
        "everything" => Everything(),
        _ => new ProcessingOptions(),
    };

    private static ProcessingOptions Off(bool secrets = false) => new() { Multiline = MultilineOptions.Off, Level = DetectMode.Off, Redact = new RedactOptions { Secrets = secrets } };

    private static ProcessingOptions Everything() => new()
    {
        Multiline = new MultilineOptions(MultilineMode.Auto),
        Trace = DetectMode.Detect,
        Fields = new(StringComparer.Ordinal) { ["user"] = "user.id", ["took"] = "took_ms", ["service"] = "service", ["path"] = "path" },
        Rules =
        [
            new RuleOptions { Name = "probes", Preset = RuleOptions.HealthChecksPreset },
            new RuleOptions { Name = "debug", When = new WhenOptions { Level = [RecordLevel.Trace, RecordLevel.Debug] } },
            Contains("chatter", 100, "heartbeat sent", "keep-alive"),
            Contains("static", 50, "GET /static/", "GET /favicon.ico"),
            new RuleOptions
            {
                Name = "idle",
                When = new WhenOptions { Level = [RecordLevel.Info], Field = new(StringComparer.Ordinal) { ["component"] = "reconcil*" } },
                Do = new RuleAction(RuleActionKind.Sample, 10),
            },
            new RuleOptions { Name = "deprecated", When = new WhenOptions { Text = new TextOptions { Regex = @"deprecated (flag|option|field) \w+" } } },
        ],
        Limits =
        [
            new LimitOptions { Name = "errors", When = new WhenOptions { Level = [RecordLevel.Error, RecordLevel.Critical] }, Bytes = 64 << 20 },
            new LimitOptions { Name = "node", Bytes = 64 << 20, Lines = 200_000, Over = OverLimit.Sample },
        ],
        Redact = new RedactOptions { Secrets = true },
    };

    private static RuleOptions Contains(string name, int sampleOf, params string[] texts) =>
        new() { Name = name, When = new WhenOptions { Text = new TextOptions { Contains = [.. texts] } }, Do = new RuleAction(RuleActionKind.Sample, sampleOf) };
}
