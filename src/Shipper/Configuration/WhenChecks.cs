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
    /// <summary>More pairs of globs than this are not compared: it would take too long.</summary>
    private const int MaxComparedFilenames = 1_000;

    public static void Validate(RuleCondition condition, AgentOptions options, ConfigBinder binder)
    {
        (string path, WhenOptions when) = (condition.WhenPath, condition.When);
        RecordSources.Check(path, when.Source, RecordSources.GetBoundKeys(when), binder);
        if (!binder.HasInvalid("sources"))
        {
            ValidateSources(condition, options, binder);
            ValidateFilenames(condition, options.Files, binder);
        }

        ValidateTexts($"{path}.text.contains", when.Text.Contains, options, binder);
        ValidateTexts($"{path}.text.startsWith", when.Text.StartsWith, options, binder);
        ValidateNamespaces($"{path}.namespace", when.Namespace, options.Kubernetes.Namespaces, binder);
        if (when.Field.Count > FieldFinder.MaxPaths)
        {
            binder.Add($"{path}.field", $"{path}.field has {when.Field.Count} fields, but at most {FieldFinder.MaxPaths} are allowed; remove some");
        }

        if (when.Level.Count > 0 && options.Processing.Level == DetectMode.Off && !options.Files.Exists(file => file.Level == DetectMode.Detect))
        {
            binder.Add($"{path}.level", $"{path}.level can't hold, because processing.level is off; set processing.level: detect, or remove {condition.Path}");
        }
    }

    /// <summary>Reports a condition that holds only for records of sources that are not read.</summary>
    private static void ValidateSources(RuleCondition condition, AgentOptions options, ConfigBinder binder)
    {
        (string Key, string Source)[] keys = [.. RecordSources.GetBoundKeys(condition.When), .. condition.When.Source.Select(source => ("source", source))];
        IReadOnlyList<string> sources = RecordSources.GetPossible(condition.When);
        string[] reasons = [.. sources.Select(source => WhyNotRead(source, options)).OfType<string>()];

        // Keys of two sources can never hold together, which is another problem.
        if (keys.Length > 0 && reasons.Length > 0 && reasons.Length == sources.Count && (keys[0].Key == "source" || sources.Count == 1))
        {
            binder.Add(
                $"{condition.WhenPath}.{keys[0].Key}",
                $"{condition.WhenPath}.{keys[0].Key} can't hold, because {string.Join(" and ", reasons)}; change that, or remove {condition.Path}");
        }
    }

    private static string? WhyNotRead(string source, AgentOptions options) => source switch
    {
        RecordSources.Container => options.Containers.Enabled ? null : "sources.containers.enabled is false",
        RecordSources.Journal => options.Journal.Enabled ? null : "sources.journal.enabled is false",
        _ => options.Files.Count > 0 ? null : "sources.files is empty",
    };

    /// <summary>Reports a condition on files that no entry of <c>sources.files</c> includes.</summary>
    private static void ValidateFilenames(RuleCondition condition, List<FileSourceOptions> files, ConfigBinder binder)
    {
        List<string> names = condition.When.Filename;
        string[] included = [.. files.SelectMany(file => file.Include)];
        if (names.Count > 0 && included.Length > 0 && (long)names.Count * included.Length <= MaxComparedFilenames
            && names.TrueForAll(name => !Array.Exists(included, path => GlobComparison.MayOverlap(name, path))))
        {
            binder.Add(
                $"{condition.WhenPath}.filename",
                $"{condition.WhenPath}.filename can't hold, because no entry of sources.files includes such a file; "
                + $"correct the path, or remove {condition.Path}");
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
