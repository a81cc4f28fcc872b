using System.Text;
using Shipper.Agents;
using Shipper.Discovery;
using Shipper.Journal;
using Shipper.Kubernetes;
using Shipper.Processing;
using Shipper.Processing.Fields;
using Shipper.Processing.Rules;
using Shipper.Records;

namespace Shipper.Configuration;

/// <summary>Checks that the condition of a rule or a limit can hold at all.</summary>
internal static class WhenChecks
{
    public static void Validate(RuleCondition condition, AgentOptions options, ConfigBinder binder)
    {
        (string path, WhenOptions when) = (condition.WhenPath, condition.When);
        RecordSources.Check(path, when.Source, RecordSources.GetBoundKeys(when), binder);
        ValidateTexts($"{path}.text.contains", when.Text.Contains, options, binder);
        ValidateTexts($"{path}.text.startsWith", when.Text.StartsWith, options, binder);
        ValidateNamespaces($"{path}.namespace", when.Namespace, options.Kubernetes.Namespaces, binder);
        if (when.Field.Count > FieldFinder.MaxPaths)
        {
            binder.Add($"{path}.field", $"{path}.field has {when.Field.Count} fields, but at most {FieldFinder.MaxPaths} are allowed; remove some");
        }

        if (when.Level.Count > 0 && options.Processing.Level == DetectMode.Off && !options.Files.Exists(file => file.Level == DetectMode.Detect))
        {
            binder.Add($"{path}.level", $"{path}.level can't hold, because processing.level is off; set processing.level: detect, or remove the condition");
        }
    }

    private static void ValidateTexts(string path, List<string> texts, AgentOptions options, ConfigBinder binder)
    {
        int maxBytes = Math.Max(LanePlan.MaxLineBytes(options), JournalSource.MaxLineBytes);
        if (texts.Find(text => Encoding.UTF8.GetByteCount(text) > maxBytes) is { } tooLong)
        {
            binder.Add(path, $"{path}: \"{ConfigBinder.ToOneLine(tooLong)}\" is longer than any record, which has at most {Units.FormatSize(maxBytes)}; shorten it");
        }
    }

    /// <summary>Reports a condition on namespaces whose logs are never read.</summary>
    private static void ValidateNamespaces(string path, List<string> patterns, NamespaceOptions namespaces, ConfigBinder binder)
    {
        if (patterns.Count > 0 && patterns.TrueForAll(pattern => IsExcluded(pattern, namespaces)))
        {
            binder.Add(
                path, $"{path} can't hold, because kubernetes.namespaces leaves out {string.Join(", ", patterns.Take(3).Select(ConfigBinder.ToOneLine))}; change one of them");
        }
    }

    private static bool IsExcluded(string pattern, NamespaceOptions namespaces) =>
        namespaces.Exclude.Exists(wide => GlobComparison.CoversName(wide, pattern))
        || (!pattern.AsSpan().ContainsAny('*', '?') && namespaces.Include.Count > 0 && !namespaces.Include.Exists(wide => new NameGlob(wide).IsMatch(pattern)));
}
