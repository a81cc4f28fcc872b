using Shipper.Kubernetes.Annotations;
using Shipper.Processing;
using Shipper.Processing.Multiline;
using Shipper.Processing.Redaction;
using Shipper.Records;

namespace Shipper.Core.Tests.Kubernetes.Annotations;

public class OwnAnnotationsTests
{
    [Theory]
    [InlineData("off", "Off", "None")]
    [InlineData("traces", "Traces", "None")]
    [InlineData("auto", "Auto", "None")]
    [InlineData("java", "Languages", "Java")]
    [InlineData(" java, python,json ", "Languages", "Java, Python, Json")]
    public void Parse_Multiline_IsThatOfTheConfiguration(string value, string mode, string languages) =>
        Assert.Equal(
            new MultilineOptions(Enum.Parse<MultilineMode>(mode), Enum.Parse<TraceLanguages>(languages)),
            Annotated.App(("shipper.io/multiline", value)).Multiline);

    [Fact]
    public void Parse_MultilineStart_IsARegex() =>
        Assert.Equal(new MultilineOptions(MultilineMode.Start, Pattern: @"^\d{4}-\d{2}"), Annotated.App(("shipper.io/multiline-start", @"^\d{4}-\d{2}")).Multiline);

    [Fact]
    public void Parse_Modes_AreThoseOfTheConfiguration()
    {
        OutputWishes sut = Annotated.App(("shipper.io/ansi", "strip"), ("shipper.io/level", "off"), ("shipper.io/trace", "detect"));

        Assert.Equal((AnsiAction.Strip, DetectMode.Off, DetectMode.Detect), (sut.Ansi!.Value, sut.Level!.Value, sut.Trace!.Value));
    }

    [Fact]
    public void Parse_Fields_AreNamesAndPaths() =>
        Assert.Equal([new("user", "user.id"), new("order", "order.number")], Annotated.App(("shipper.io/fields", "user=user.id, order = order.number")).Fields!);

    [Fact]
    public void Parse_DropAndSample_AreRegexAndNumber()
    {
        OutputWishes sut = Annotated.App(("shipper.io/drop", "GET /healthz"), ("shipper.io/sample", "100"));

        Assert.Equal(["GET /healthz"], sut.Drop!);
        Assert.Equal(100, sut.Sample);
    }

    [Theory]
    [InlineData("500KiB", 512_000, 0)]
    [InlineData("1.5 Mi", 1_572_864, 0)]
    [InlineData("64KB", 64_000, 0)]
    [InlineData("100B", 100, 0)]
    [InlineData("1000 lines", 0, 1000)]
    [InlineData("1 line", 0, 1)]
    public void Parse_Limit_IsASizeOrANumberOfLines(string value, long bytes, long lines) =>
        Assert.Equal(new WishedLimit(bytes, lines), Annotated.App(("shipper.io/limit", value)).Limit);

    [Theory]
    [InlineData("secrets", true, "None")]
    [InlineData("cards,ibans", false, "Cards, Ibans")]
    [InlineData("emails, secrets, ips", true, "Emails, Ips")]
    public void Parse_Redact_IsAList(string value, bool secrets, string personal) =>
        Assert.Equal(new WishedRedaction(secrets, Enum.Parse<PersonalData>(personal), new()), Annotated.App(("shipper.io/redact", value)).Redaction);

    [Theory]
    [InlineData("exclude", "maybe", "must be true or false")]
    [InlineData("multiline", "jaba", "must be off, traces, auto, or a list")]
    [InlineData("multiline", "java,", "must be off, traces, auto, or a list")]
    [InlineData("multiline", "all", "must be off, traces, auto, or a list")]
    [InlineData("multiline", "7", "must be off, traces, auto, or a list")]
    [InlineData("multiline-start", "(", "is not a valid regex: ")]
    [InlineData("multiline-start", "", "must be a regex of 1 to 1024 characters")]
    [InlineData("ansi", "remove", "must be keep or strip")]
    [InlineData("level", "on", "must be detect or off")]
    [InlineData("fields", "user", "must be at most 16 pairs NAME=PATH")]
    [InlineData("fields", "a=b,a=c", "must be at most 16 pairs NAME=PATH")]
    [InlineData("fields", "__a=b", "must be at most 16 pairs NAME=PATH")]
    [InlineData("fields", "9a=b", "must be at most 16 pairs NAME=PATH")]
    [InlineData("fields", "a=", "must be at most 16 pairs NAME=PATH")]
    [InlineData("drop", "(?<=a)b", "uses lookarounds")]
    [InlineData("drop", @"(a)\1", "uses lookarounds")]
    [InlineData("drop", "((a{1000}){1000}){1000}", "repeats too much")]
    [InlineData("drop", "^[[:space:]]", @"has a class such as [:space:], which .NET does not have; use \s")]
    [InlineData("sample", "0", "must be a number from 1 to 1000000")]
    [InlineData("sample", "1/10", "must be a number from 1 to 1000000")]
    [InlineData("limit", "0 lines", "must be a size such as 500KiB, or a number of lines")]
    [InlineData("limit", "1000", "must be a size such as 500KiB, or a number of lines")]
    [InlineData("limit", "-1KiB", "must be a size such as 500KiB, or a number of lines")]
    [InlineData("limit", "99999999999GiB", "must be a size such as 500KiB, or a number of lines")]
    [InlineData("redact", "secrets,", "must be a list with commas of secrets, cards, emails, ips, ibans")]
    [InlineData("redact", "none", "must be a list with commas of secrets, cards, emails, ips, ibans")]
    public void Parse_WrongValue_ChangesNothing(string key, string value, string problem)
    {
        AnnotationError error = Annotated.Error(($"shipper.io/{key}", value));

        Assert.Equal("invalid_value", error.Reason);
        Assert.StartsWith($"shipper.io/{key}: \"{value}\" ", error.Text, StringComparison.Ordinal);
        Assert.Contains(problem, error.Text, StringComparison.Ordinal);
    }

    /// <summary>Nothing that a pod writes chooses where its lines go, or under which name.</summary>
    [Theory]
    [InlineData("cluster")]
    [InlineData("environment")]
    [InlineData("namespace")]
    [InlineData("Node")]
    [InlineData("stream")]
    [InlineData("truncated_bytes")]
    public void Parse_FieldWithANameOfTheAgent_IsRefused(string name) =>
        Assert.Contains($"must not have the name {name.ToLowerInvariant()}, which the agent sets", Annotated.Error(("shipper.io/fields", $"{name}=a.b")).Text, StringComparison.Ordinal);

    [Theory]
    [InlineData("tenant")]
    [InlineData("path")]
    [InlineData("url")]
    [InlineData("cluster")]
    [InlineData("namespace")]
    public void Parse_Destination_IsUnknown(string key) => Assert.Equal("unknown_key", Annotated.Error(($"shipper.io/{key}", "other")).Reason);

    [Theory]
    [InlineData("drop")]
    [InlineData("multiline-start")]
    public void Parse_LargeRegex_IsRefused(string key)
    {
        AnnotationError error = Annotated.Error(($"shipper.io/{key}", "a[ab]{20}c"));

        Assert.Equal("invalid_value", error.Reason);
        Assert.Equal(
            $"shipper.io/{key}: \"a[ab]{{20}}c\" is too large: its automaton has more than 128 KiB. Write + or * instead of counts, lower them, or begin with ^", error.Text);
    }

    [Fact]
    public void Parse_ManyRegexes_OnlySomeAreObeyed()
    {
        (string, string)[] annotations = [.. Enumerable.Range(10, 30).Select(i => ($"ad.datadoghq.com/c{i}.logs", $$"""[{"log_processing_rules":[{"type":"exclude_at_match","name":"n","pattern":"x{{i}}"}]}]"""))];

        AnnotationSet sut = Annotated.Pod(annotations);

        Assert.Equal(20, Enumerable.Range(10, 30).Count(i => sut.For($"c{i}").Stdout.Drop is not null));
        Assert.Equal(10, sut.Errors.Count);
        Assert.EndsWith("is not obeyed: there are more than 20 regexes", sut.Errors[0].Text, StringComparison.Ordinal);
        Assert.Contains("there are more than 20 regexes", Assert.Single(Annotated.Pod([.. annotations[..20], ("shipper.io/drop", "x")]).Errors).Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("levl", "did you mean shipper.io/level?")]
    [InlineData("Multiline", "did you mean shipper.io/multiline?")]
    [InlineData("multline-app", "did you mean shipper.io/multiline-app?")]
    [InlineData("multiline-strt", "the pod has no container strt")]
    [InlineData("multilinestart", "did you mean shipper.io/multiline-start?")]
    [InlineData("drop-stderr", "the pod has no container stderr; did you mean shipper.io/drop_stderr?")]
    [InlineData("drop_app", "did you mean shipper.io/drop-app?")]
    [InlineData("drop_stdout_app", "did you mean shipper.io/drop-stdout_app?")]
    [InlineData("drop-ap", "the pod has no container ap; did you mean app?")]
    [InlineData("drop-sidecar", "the pod has no container sidecar")]
    [InlineData("drop-", "did you mean shipper.io/drop?")]
    [InlineData("parser", "known keys are ansi, drop, exclude, fields, level, limit, multiline, multiline-start, redact, sample, trace")]
    [InlineData("", "known keys are ")]
    public void Parse_MisspeltKey_SuggestsTheNearest(string name, string suggestion)
    {
        AnnotationError error = Annotated.Error(($"shipper.io/{name}", "off"));

        Assert.Equal("unknown_key", error.Reason);
        Assert.Contains(suggestion, error.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Parse_LongValueWithControlCharacters_ShowsItsBeginningInOneLine()
    {
        string text = Annotated.Error(("shipper.io/level", "a\nb" + new string('c', 1000))).Text;

        Assert.Equal($"shipper.io/level: \"a\uFFFDb{new string('c', 97)}…\" must be detect or off", text);
    }

    /// <summary>The rows are in the order of their precedence.</summary>
    [Theory]
    [InlineData("level_stdout-app", "level-app")]
    [InlineData("level-app", "level_stdout")]
    [InlineData("level_stdout", "level")]
    public void For_TwoAnnotations_TheMoreExactOneWins(string exact, string general)
    {
        Assert.Equal(DetectMode.Off, Annotated.App(($"shipper.io/{exact}", "off"), ($"shipper.io/{general}", "detect")).Level);
        Assert.Equal(DetectMode.Detect, Annotated.App(($"shipper.io/{exact}", "detect"), ($"shipper.io/{general}", "off")).Level);
    }

    [Fact]
    public void For_WrongExactValue_TheGeneralOneHolds() =>
        Assert.Equal(DetectMode.Off, Annotated.Pod(("shipper.io/level-app", "false"), ("shipper.io/level", "off")).For("app").Stdout.Level);

    [Fact]
    public void For_OtherContainerOrOutput_HasNoWish()
    {
        AnnotationSet sut = Annotated.Pod(("shipper.io/sample_stderr-proxy", "10"));

        Assert.Equal(10, sut.For("proxy")[LogOutput.Stderr].Sample);
        Assert.Equal(OutputWishes.None, sut.For("proxy")[LogOutput.Stdout]);
        Assert.Equal(ContainerWishes.None, sut.For("app"));
        Assert.Equal(ContainerWishes.None, sut.For(""));
    }

    /// <summary>A container may be named like a part of a key.</summary>
    [Fact]
    public void For_MultilineStart_TakesPrecedenceOverMultilineUnlessThatIsMoreExact()
    {
        Assert.Equal(MultilineMode.Start, Annotated.App(("shipper.io/multiline", "java"), ("shipper.io/multiline-start", "^x")).Multiline!.Mode);
        Assert.Equal(MultilineMode.Off, Annotated.App(("shipper.io/multiline-app", "off"), ("shipper.io/multiline-start", "^x")).Multiline!.Mode);
        Assert.Equal("^y", Annotated.App(("shipper.io/multiline-start_stdout-app", "^y"), ("shipper.io/multiline-start-app", "^x")).Multiline!.Pattern);
    }

    /// <summary>Redaction is the exception: no annotation takes any away.</summary>
    [Fact]
    public void For_SeveralRedactions_AllApply() =>
        Assert.Equal(
            new WishedRedaction(true, PersonalData.Cards | PersonalData.Ips, new()),
            Annotated.App(("shipper.io/redact", "secrets"), ("shipper.io/redact-app", "cards"), ("shipper.io/redact_stdout", "ips")).Redaction);

    [Theory]
    [InlineData("level", "level", true)]
    [InlineData("level", "level_stderr-app", true)]
    [InlineData("l*", "level", true)]
    [InlineData("drop", "level", false)]
    [InlineData("multiline", "multiline-start", false)]
    [InlineData("multiline*", "multiline-start", true)]
    public void Read_AllowList_DecidesByKey(string allow, string key, bool isAllowed)
    {
        string value = key.StartsWith("level", StringComparison.Ordinal) ? "off" : "^x";

        AnnotationSet sut = Annotated.Read([allow], isForeign: true, ($"shipper.io/{key}", value));

        Assert.Equal(isAllowed ? [] : ["not_allowed"], sut.Errors.Select(error => error.Reason));
        Assert.Equal(isAllowed, !ContainerWishes.None.Equals(sut.For("app")));
    }

    [Fact]
    public void Read_NothingAllowed_NamesTheKeyOfTheConfiguration() =>
        Assert.Equal(
            "shipper.io/exclude: is not obeyed: kubernetes.annotations.allow does not include exclude",
            Annotated.Error(Annotated.Read([], isForeign: true, ("shipper.io/exclude", "true"))).Text);
}
