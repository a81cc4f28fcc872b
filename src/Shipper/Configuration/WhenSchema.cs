using Shipper.Journal;
using Shipper.Processing.Levels;
using Shipper.Processing.Rules;

namespace Shipper.Configuration;

/// <summary>The keys of <c>when</c> of a rule or a limit, in display order.</summary>
internal static class WhenSchema
{
    private static readonly ConfigSection<TextOptions> Text = new(
        Condition<TextOptions>("contains", "Records that contain one of these texts.", o => o.Contains, (o, v) => o.Contains = v, RecordChecks.NotEmpty),
        Condition<TextOptions>("startsWith", "Records that begin with one of these texts.", o => o.StartsWith, (o, v) => o.StartsWith = v, RecordChecks.NotEmpty),
        new ValueKey<TextOptions, string>(
            "regex",
            "Records that match this regex of .NET; look-arounds and backreferences are not supported.",
            new RegexKind(),
            o => o.Regex,
            (o, v) => o.Regex = v)
        {
            HasValue = o => o.Regex.Length > 0,
        });

    /// <summary>The section <c>when</c>.</summary>
    public static ConfigSection<WhenOptions> Section { get; } = new(
        Words("source", "Records of these sources.", RecordSources.All, o => o.Source, (o, v) => o.Source = v),
        Condition<WhenOptions>("namespace", "Records of containers in these namespaces (globs).", o => o.Namespace, (o, v) => o.Namespace = v, Checks.NamespaceGlob),
        Condition<WhenOptions>("pod", "Records of these pods (globs).", o => o.Pod, (o, v) => o.Pod = v, RecordChecks.PodGlob),
        Condition<WhenOptions>("container", "Records of these containers (globs).", o => o.Container, (o, v) => o.Container = v, RecordChecks.ContainerGlob),
        Condition<WhenOptions>(
            "unit",
            "Records of the journal with these values of the label unit (globs); kubelet also means kubelet.service.",
            o => o.Unit,
            (o, v) => o.Unit = [.. v.SelectMany(UnitFilter.ExpandName).Distinct()],
            RecordChecks.UnitLabelGlob),
        Condition<WhenOptions>(
            "filename",
            "Records of other log files with these values of the label filename (globs).",
            o => o.Filename,
            (o, v) => o.Filename = v,
            RecordChecks.FilenameGlob),
        Words("stream", "Records that containers wrote to this output.", RecordSources.Outputs, o => o.Stream, (o, v) => o.Stream = v),
        new ChoiceListKey<WhenOptions, RecordLevel>(
            "level",
            "Records with these levels; none stands for records without a level.",
            new ChoiceKind<RecordLevel>(),
            o => o.Level,
            (o, v) => o.Level = v)
        {
            AllowsOne = true,
            IsCondition = true,
            HasValue = o => o.Level.Count > 0,
        },
        new SectionKey<WhenOptions, TextOptions>("text", "Conditions on the text of the record.", o => o.Text, Text)
        {
            IsCondition = true,
            HasValue = o => !WhenCoverage.IsEmpty(o.Text),
        },
        new TextMapKey<WhenOptions>(
            "field",
            "Records whose fields, in a JSON or logfmt line, match these globs, such as http.status: \"2*\".",
            o => o.Field,
            RecordChecks.FieldCondition)
        {
            IsCondition = true,
            HasValue = o => o.Field.Count > 0,
        });

    private static TextListKey<T> Condition<T>(
        string name, string description, Func<T, List<string>> get, Action<T, List<string>> set, Func<string, string?> check) =>
        new(name, description, get, set, check) { AllowsOne = true, IsCondition = true, HasValue = o => get(o).Count > 0 };

    private static TextListKey<WhenOptions> Words(
        string name, string description, IReadOnlyList<string> words, Func<WhenOptions, List<string>> get, Action<WhenOptions, List<string>> set) =>
        new(name, description, get, set) { Words = words, AllowsOne = true, IsCondition = true, HasValue = o => get(o).Count > 0 };
}
