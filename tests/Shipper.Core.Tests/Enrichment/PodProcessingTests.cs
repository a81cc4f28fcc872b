using System.Text;
using System.Text.Json;
using Shipper.Enrichment;
using Shipper.Kubernetes.Annotations;
using Shipper.Processing;
using Shipper.Processing.Multiline;
using Shipper.Processing.Redaction;
using Shipper.Records;

namespace Shipper.Core.Tests.Enrichment;

public class PodProcessingTests
{
    private const int MaxLineBytes = 4096;

    private static readonly RecordOrigin Origin = new() { Source = RecordOrigin.Containers, Namespace = "shop", Pod = "web-1", Container = "app" };

    private static readonly OutputWishes Wishes = new()
    {
        Multiline = new MultilineOptions(MultilineMode.Start, Pattern: "^BEGIN"),
        Fields = new([new WishedField("customer_4711", "customer")]),
        Drop = new("noise_[0-9]+"),
        Include = new("order|customer"),
        Sample = 2,
        Limit = new WishedLimit(0, LinesPerSecond: 20),
        Redaction = new WishedRedaction(Secrets: false, PersonalData.None, new([new WishedPattern("order-4711", "ORD-[0-9]{4}")])),
    };

    /// <summary>A pod chooses the names, so as values of a label they would have no bound.</summary>
    [Fact]
    public void Merge_WishesWithNames_AreCountedAsAnnotation()
    {
        var pipeline = new RecordPipeline(MaxLineBytes);
        StreamRules rules = StreamRulesFactory.Create(PodProcessing.Merge(new ProcessingOptions(), Wishes, Origin), Origin);
        pipeline.Context.Memory.Bind(rules.LimitNames);
        var lines = new List<string>();
        for (int i = 0; i < 200; i++)
        {
            byte[] line = Encoding.UTF8.GetBytes(i % 2 == 0 ? $"noise_{i}" : $"order ORD-4711 customer=c{i}");
            var draft = new RecordDraft { Line = line, Length = line.Length, IsAscii = true, Lines = 1, Output = LogOutput.Stdout, TimestampNs = 1_000_000_000 };
            if (pipeline.TryRun(rules, new LineLimit(MaxLineBytes, LongLineAction.Truncate), ref draft, out LogRecord record, out string? dropped))
            {
                lines.Add(Encoding.UTF8.GetString(record.Line));
            }
            else
            {
                Assert.Equal("annotation", dropped);
            }
        }

        Assert.NotEmpty(lines);
        Assert.All(lines, line => Assert.StartsWith("order [redacted:order-4711] customer=c", line, StringComparison.Ordinal));
        Assert.Superset(new HashSet<string> { "drop", "sample", "redact" }, pipeline.Context.Counts.Select(count => count.Stage).ToHashSet(StringComparer.Ordinal));
        Assert.All(pipeline.Context.Counts, count => Assert.Equal("annotation", count.Rule));
        Assert.All(rules.LimitNames, name => Assert.Equal("annotation", name));
    }

    /// <summary>A pattern of the configuration keeps its name, even if a pod has the same pattern.</summary>
    [Fact]
    public void Merge_PatternOfTheConfiguration_IsCountedUnderItsName()
    {
        var options = new RedactOptions { Patterns = [new RedactPattern { Name = "order", Pattern = "ORD-[0-9]{4}" }] };

        RedactOptions merged = PodProcessing.Merge(options, Wishes.Redaction);

        Assert.Equal([("order", false), ("order-4711", true)], merged.Patterns.Select(pattern => (pattern.Name, pattern.IsFromPod)));
    }

    [Fact]
    public void Merge_RegexesOfAPod_AreMarkedInStoredRules()
    {
        ProcessingOptions merged = PodProcessing.Merge(new ProcessingOptions(), Wishes, Origin);

        Assert.True(merged.Multiline.IsFromPod);
        Assert.All(merged.Rules, rule => Assert.True(rule.When.Text.IsFromPod));
        StreamRules rules = StreamRulesFactory.Create(merged, Origin);
        Assert.Same(rules, StreamRulesFactory.Parse(rules.Text, excluded: null));
        ProcessingOptions stored = JsonSerializer.Deserialize(rules.Text, StoredRulesJson.Default.StoredRules)!.Stdout;
        Assert.True(stored.Multiline.IsFromPod);
        Assert.All(stored.Rules, rule => Assert.True(rule.When.Text.IsFromPod));
        Assert.All(stored.Redact.Patterns, pattern => Assert.True(pattern.IsFromPod));
        Assert.DoesNotContain("IsFromPod", StreamRulesFactory.Create(new ProcessingOptions(), Origin).Text, StringComparison.Ordinal);
    }

    /// <summary>A version with other limits may have accepted these rules, and records of a checkpoint depend on them.</summary>
    [Fact]
    public void Parse_StoredRegexIsTooLargeNow_StillMatches()
    {
        OutputWishes wishes = new() { Drop = new("a[ab]{20}c"), Redaction = new WishedRedaction(Secrets: false, PersonalData.None, new([new WishedPattern("n", "(?:.{0,16}foo){4}")])) };
        string text = StreamRulesFactory.Create(PodProcessing.Merge(new ProcessingOptions(), wishes, Origin), Origin).Text;
        var pipeline = new RecordPipeline(MaxLineBytes);

        StreamRules rules = StreamRulesFactory.Parse(text, excluded: null);

        byte[] line = Encoding.UTF8.GetBytes("a" + new string('b', 20) + "c");
        var draft = new RecordDraft { Line = line, Length = line.Length, IsAscii = true, Lines = 1, Output = LogOutput.Stdout };
        Assert.False(pipeline.TryRun(rules, new LineLimit(MaxLineBytes, LongLineAction.Truncate), ref draft, out _, out string? dropped));
        Assert.Equal("annotation", dropped);
    }
}
