using Shipper.Kubernetes.Annotations;
using Shipper.Processing.Multiline;
using Shipper.Processing.Redaction;

namespace Shipper.Core.Tests.Kubernetes.Annotations;

public class ForeignAnnotationsTests
{
    private const string Datadog = "ad.datadoghq.com/app.logs";

    /// <summary>The first one is the example in Filebeat's documentation of multiline, the second one that for time stamps.</summary>
    [Theory]
    [InlineData(@"^[[:space:]]+(at|\.{3})[[:space:]]+\b|^Caused by:", "false", "after", "Continue", @"^[\s]+(at|\.{3})[\s]+\b|^Caused by:")]
    [InlineData(@"^\[", "true", "after", "Start", @"^\[")]
    [InlineData(@"^[[:digit:]]{4}-(?P<month>[^[:^digit:]]{2})", "true", "after", "Start", @"^[0-9]{4}-(?<month>[^\D]{2})")]
    [InlineData(@"^\s", null, null, "Continue", @"^\s")]
    public void Parse_ElasticMultiline_IsStartOrContinuation(string pattern, string? negate, string? match, string mode, string expected)
    {
        (string, string)[] annotations =
        [
            ("co.elastic.logs/multiline.pattern", pattern), ("co.elastic.logs/multiline.type", "pattern"), ("co.elastic.logs/multiline.max_lines", "100"),
            .. negate is null ? [] : ((string, string)[])[("co.elastic.logs/multiline.negate", negate)],
            .. match is null ? [] : ((string, string)[])[("co.elastic.logs/multiline.match", match)],
        ];

        Assert.Equal(new MultilineOptions(Enum.Parse<MultilineMode>(mode), Pattern: expected), Annotated.App(annotations).Multiline);
    }

    [Fact]
    public void Parse_ElasticMultilineOfAContainer_TakesTheRestFromThePod()
    {
        AnnotationSet sut = Annotated.Pod(
            ("co.elastic.logs/multiline.pattern", "^{"), ("co.elastic.logs/multiline.negate", "true"), ("co.elastic.logs/multiline.match", "after"),
            ("co.elastic.logs.app/multiline.pattern", "^<"));

        Assert.Equal(new MultilineOptions(MultilineMode.Start, Pattern: "^<"), sut.For("app").Stderr.Multiline);
        Assert.Equal(new MultilineOptions(MultilineMode.Start, Pattern: "^{"), sut.For("proxy").Stdout.Multiline);
    }

    [Theory]
    [InlineData("multiline.match", "before", "\"before\" must be after")]
    [InlineData("multiline.type", "count", "\"count\" must be pattern")]
    [InlineData("multiline.negate", "maybe", "\"maybe\" must be true or false")]
    public void Parse_ElasticMultilineWithoutEquivalent_IsUnsupported(string name, string value, string problem)
    {
        AnnotationError error = Annotated.Error(("co.elastic.logs/multiline.pattern", "^x"), ($"co.elastic.logs/{name}", value));

        Assert.Equal(new AnnotationError("unsupported", $"co.elastic.logs/{name}: {problem}"), error);
    }

    [Fact]
    public void Parse_ElasticMultilineWithoutPattern_IsUnsupported() =>
        Assert.Equal("co.elastic.logs/multiline.negate: has no effect without multiline.pattern", Annotated.Error(("co.elastic.logs/multiline.negate", "true")).Text);

    [Fact]
    public void Parse_ElasticFlushPattern_IsCountedBesideThePattern()
    {
        AnnotationSet sut = Annotated.Pod(("co.elastic.logs/multiline.pattern", "^x"), ("co.elastic.logs/multiline.flush_pattern", "end"));

        Assert.NotNull(sut.For("app").Stdout.Multiline);
        Assert.Equal("unsupported", Assert.Single(sut.Errors).Reason);
    }

    [Fact]
    public void Parse_ElasticLines_AreRegexesWithCommas()
    {
        OutputWishes sut = Annotated.App(("co.elastic.logs/include_lines", "^ERR, ^WARN"), ("co.elastic.logs.app/exclude_lines", "^DBG"));

        Assert.Equal(["^ERR", "^WARN"], sut.Include!);
        Assert.Equal(["^DBG"], sut.Drop!);
    }

    [Theory]
    [InlineData("co.elastic.logs/exclude_lines", "^DBG,(")]
    [InlineData("co.elastic.logs/exclude_lines", "a,b,c,d,e,f,g,h,i,j,k")]
    [InlineData("co.elastic.logs/include_lines", " , ")]
    [InlineData("co.elastic.logs/enabled", "no")]
    [InlineData("io.opentelemetry.discovery.logs/enabled", "no")]
    [InlineData("ad.datadoghq.com/app.logs_exclude", "yes")]
    [InlineData("fluentbit.io/exclude_other", "true")]
    [InlineData(Datadog, "{}")]
    [InlineData(Datadog, "[{")]
    [InlineData(Datadog, "[{\"type\":\"file\",\"path\":\"/etc/shadow\"}]")]
    [InlineData(Datadog, "[{\"log_processing_rules\":{}}]")]
    [InlineData(Datadog, "[{\"log_processing_rules\":[{\"type\":\"exclude_truncated\",\"name\":\"t\"}]}]")]
    [InlineData(Datadog, "[{\"log_processing_rules\":[{\"type\":\"exclude_at_match\",\"name\":\"t\",\"pattern\":\"(?=a)\"}]}]")]
    [InlineData(Datadog, "[{\"log_processing_rules\":[{\"type\":\"include_at_match\",\"pattern\":\"a\"},{\"type\":\"include_at_match\",\"pattern\":\"b\"}]}]")]
    public void Parse_ValueWithoutEquivalent_IsUnsupported(string key, string value)
    {
        AnnotationError error = Annotated.Error((key, value));

        Assert.Equal("unsupported", error.Reason);
        Assert.StartsWith(key, error.Text, StringComparison.Ordinal);
    }

    /// <summary>The rules are the examples in Datadog's documentation.</summary>
    [Fact]
    public void Parse_DatadogRules_AreWishes()
    {
        OutputWishes sut = Annotated.App((Datadog, """
            [{"source":"postgresql","service":"database","log_processing_rules":[
              {"type":"multi_line","name":"log_start_with_date","pattern":"\\d{4}-(0?[1-9]|1[012])-(0?[1-9]|[12][0-9]|3[01])"},
              {"type":"exclude_at_match","name":"exclude_datadoghq_users","pattern":"\\w+@datadoghq.com"},
              {"type":"include_at_match","name":"include_datadoghq_users","pattern":"^\\w+"},
              {"type":"mask_sequences","name":"mask credit cards","replace_placeholder":"[masked_credit_card]","pattern":"(?:4[0-9]{12}(?:[0-9]{3})?|3[47][0-9]{13})"}]}]
            """));

        Assert.Equal(new MultilineOptions(MultilineMode.Start, Pattern: @"\d{4}-(0?[1-9]|1[012])-(0?[1-9]|[12][0-9]|3[01])"), sut.Multiline);
        Assert.Equal([@"\w+@datadoghq.com"], sut.Drop!);
        Assert.Equal([@"^\w+"], sut.Include!);
        Assert.Equal(
            new WishedRedaction(false, PersonalData.None, new(new WishedPattern("mask_credit_cards", "(?:4[0-9]{12}(?:[0-9]{3})?|3[47][0-9]{13})"))),
            sut.Redaction);
    }

    [Fact]
    public void Parse_DatadogConfigurationWithoutRules_AsksForNothing() =>
        Assert.Equal(OutputWishes.None, Annotated.App((Datadog, """[{"source":"java","service":"shop","tags":["a:b"]}]""")));

    [Fact]
    public void For_OwnAnnotation_TakesPrecedenceOverAForeignOneThatIsMoreExact()
    {
        OutputWishes sut = Annotated.App(
            ("shipper.io/multiline", "off"), ("co.elastic.logs.app/multiline.pattern", "^x"),
            ("shipper.io/drop", "own"), ("co.elastic.logs.app/exclude_lines", "theirs"),
            ("shipper.io/redact", "cards"), (Datadog, """[{"log_processing_rules":[{"type":"mask_sequences","name":"m","pattern":"x"}]}]"""));

        Assert.Equal(MultilineOptions.Off, sut.Multiline);
        Assert.Equal(["own"], sut.Drop!);
        Assert.Equal(new WishedRedaction(false, PersonalData.Cards, new(new WishedPattern("m", "x"))), sut.Redaction);
    }

    [Fact]
    public void Read_ForeignIsOff_ReadsOnlyOwnAnnotations()
    {
        var sut = new AnnotationReader(["*"], isForeign: false);

        Assert.True(sut.IsRead("shipper.io/anything"));
        Assert.All(
            ["fluentbit.io/exclude", "co.elastic.logs/enabled", "vector.dev/exclude", Datadog, "logs.grafana.com/pods.enabled", "io.opentelemetry.discovery.logs/enabled"],
            key => Assert.False(sut.IsRead(key)));
        Assert.Same(AnnotationSet.Empty, sut.ReadPod(new Dictionary<string, string> { ["vector.dev/exclude"] = "true" }, new Dictionary<string, string> { ["fluentbit.io/exclude"] = "true" }, ["app"]));
    }

    [Theory]
    [InlineData("fluentbit.io/exclude-app", true)]
    [InlineData("fluentbit.io/excluded", false)]
    [InlineData("fluentbit.io/parser", false)]
    [InlineData("co.elastic.logs.app/multiline.pattern", true)]
    [InlineData("co.elastic.logs/module", false)]
    [InlineData("co.elastic.logs/raw", false)]
    [InlineData("co.elastic.logs./enabled", false)]
    [InlineData("co.elastic.logsx/enabled", false)]
    [InlineData("co.elastic.metrics/enabled", false)]
    [InlineData("ad.datadoghq.com/app.checks", false)]
    [InlineData("ad.datadoghq.com/logs", false)]
    [InlineData("io.opentelemetry.discovery.logs/config", false)]
    [InlineData("shipper.iox/level", false)]
    public void IsRead_Key_IsTrueOnlyForSupportedOnes(string key, bool expected) => Assert.Equal(expected, new AnnotationReader(["*"], isForeign: true).IsRead(key));

    /// <summary>A pod that may not drop lines must not do so in another agent's words either.</summary>
    [Theory]
    [InlineData("fluentbit.io/exclude", "true", "exclude")]
    [InlineData("vector.dev/exclude-containers", "app", "exclude")]
    [InlineData("logs.grafana.com/pods.enabled", "no", "exclude")]
    [InlineData("io.opentelemetry.discovery.logs/enabled", "false", "exclude")]
    [InlineData("ad.datadoghq.com/exclude", "true", "exclude")]
    [InlineData("co.elastic.logs/enabled", "false", "exclude")]
    [InlineData("co.elastic.logs/exclude_lines", "x", "drop")]
    [InlineData("co.elastic.logs/include_lines", "x", "drop")]
    [InlineData("co.elastic.logs/multiline.pattern", "x", "multiline")]
    [InlineData(Datadog, """[{"log_processing_rules":[{"type":"mask_sequences","name":"m","pattern":"x"}]}]""", "redact")]
    public void Read_AllowList_HoldsForForeignAnnotations(string key, string value, string needed)
    {
        string[] all = ["exclude", "multiline", "multiline-start", "ansi", "level", "trace", "fields", "drop", "sample", "limit", "redact"];

        AnnotationError error = Annotated.Error(Annotated.Read([.. all.Except([needed])], isForeign: true, (key, value)));

        Assert.Equal(new AnnotationError("not_allowed", $"{key}: is not obeyed: kubernetes.annotations.allow does not include {needed}"), error);
        Assert.Empty(Annotated.Read([needed], isForeign: true, (key, value)).Errors);
    }
}
