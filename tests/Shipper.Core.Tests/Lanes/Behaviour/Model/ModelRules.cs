using Shipper.Processing;
using Shipper.Processing.Limits;
using Shipper.Processing.Multiline;
using Shipper.Processing.Redaction;
using Shipper.Processing.Rules;

namespace Shipper.Core.Tests.Lanes.Behaviour.Model;

/// <summary>The processing rules of a run. In half of the runs they change with the version of the attributes.</summary>
internal sealed class ModelRules
{
    public const string Drop = "model-drop";
    public const string Sample = "model-sample";
    public const string LimitDrop = "model-limit-drop";
    public const string LimitSample = "model-limit-sample";
    public const string LimitSlow = "model-limit-slow";

    private static readonly string[] Markers = ["", "", "", "DROP", "SAMPLE", "LIMIT", "SECRET-1234"];

    private readonly int _seed;
    private readonly Dictionary<int, (ProcessingOptions Options, StreamRules Rules)> _versions = [];

    public ModelRules(int seed)
    {
        _seed = seed;
        Changes = seed % 2 == 0;

        // The mode auto may join ordinary lines, so which of them are in one record is unknown. Then no rule drops any.
        IsAuto = seed % 5 == 0;
    }

    /// <summary>True if the rules change.</summary>
    public bool Changes { get; }

    /// <summary>True if lines are joined by the mode <c>auto</c>.</summary>
    public bool IsAuto { get; }

    /// <summary>All reasons for which records may be dropped.</summary>
    public static IReadOnlyList<string> Reasons { get; } = [Drop, Sample, LimitDrop, LimitSample];

    /// <summary>The stage under which a reason is counted: label <c>stage</c> of <c>shipper_processed_records_total</c>.</summary>
    public static string StageOf(string reason) => reason switch
    {
        Drop => "drop",
        Sample => "sample",
        _ => "limit",
    };

    /// <summary>Returns the end of a line: nothing, or a word that rules search.</summary>
    public static string RandomMarker(Random random) => Markers[random.Next(Markers.Length)] is { Length: > 0 } marker ? " " + marker : "";

    /// <summary>Returns the options of a version.</summary>
    public ProcessingOptions OptionsOf(int version) => Get(version).Options;

    /// <summary>Returns the rules of a version.</summary>
    public StreamRules RulesOf(int version) => Get(version).Rules;

    /// <summary>Returns the text that is sent for a line.</summary>
    public string SentText(string line, int version) =>
        OptionsOf(version).Redact.Patterns.Count == 0 ? line : line.Replace("SECRET-1234", "[redacted:secret]", StringComparison.Ordinal);

    /// <summary>The reasons for which a record that contains a line may be dropped under a version.</summary>
    public IEnumerable<string> ReasonsOf(string line, int version)
    {
        ProcessingOptions options = OptionsOf(version);
        return options.Rules.Where(rule => line.Contains(rule.When.Text.Contains[0], StringComparison.Ordinal)).Select(rule => rule.Name)
            .Concat(options.Limits.Where(limit => limit.Over != OverLimit.Slow && limit.When.Text.Contains.TrueForAll(text => line.Contains(text, StringComparison.Ordinal))).Select(limit => limit.Name));
    }

    /// <summary>The reasons for which a record that contains a line may be dropped under any version.</summary>
    public IReadOnlyList<string> PossibleReasonsOf(string line, int lastVersion) =>
        [.. Enumerable.Range(0, Changes ? lastVersion + 1 : 1).SelectMany(version => ReasonsOf(line, version)).Distinct()];

    private (ProcessingOptions Options, StreamRules Rules) Get(int version)
    {
        version = Changes ? version : 0;
        if (!_versions.TryGetValue(version, out (ProcessingOptions, StreamRules) known))
        {
            ProcessingOptions options = Make(new Random((_seed * 1_000) + version));
            known = (options, StreamRulesFactory.Create(options, new RecordOrigin { Source = RecordOrigin.Containers, Namespace = "ns", Pod = "pod", Container = "main" }));
            _versions.Add(version, known);
        }

        return known;
    }

    private ProcessingOptions Make(Random random)
    {
        var options = new ProcessingOptions
        {
            Multiline = IsAuto ? new MultilineOptions(MultilineMode.Auto) : Changes && random.Next(4) == 0 ? MultilineOptions.Off : MultilineOptions.Traces,
            Level = random.Next(4) == 0 ? DetectMode.Off : DetectMode.Detect,
        };
        if (!IsAuto && random.Next(3) > 0)
        {
            options.Rules.Add(new RuleOptions { Name = Drop, When = WithText("DROP") });
        }

        if (!IsAuto && random.Next(2) == 0)
        {
            options.Rules.Add(new RuleOptions { Name = Sample, When = WithText("SAMPLE"), Do = new RuleAction(RuleActionKind.Sample, 3) });
        }

        switch (random.Next(4))
        {
            case 0 when !IsAuto:
                options.Limits.Add(new LimitOptions { Name = LimitDrop, When = WithText("LIMIT"), Lines = 1, Burst = TimeSpan.FromSeconds(2), Over = OverLimit.Drop });
                break;
            case 1 when !IsAuto:
                options.Limits.Add(new LimitOptions { Name = LimitSample, When = WithText("LIMIT"), Lines = 2, Burst = TimeSpan.FromSeconds(3), Over = OverLimit.Sample });
                break;
            case 2:
                options.Limits.Add(new LimitOptions { Name = LimitSlow, Lines = 20, Burst = TimeSpan.FromSeconds(1), Over = OverLimit.Slow });
                break;
            default:
                break;
        }

        if (random.Next(2) == 0)
        {
            options.Redact.Patterns.Add(new RedactPattern { Name = "secret", Pattern = "SECRET-[0-9]+" });
        }

        return options;
    }

    private static WhenOptions WithText(string text) => new() { Text = new TextOptions { Contains = [text] } };
}
