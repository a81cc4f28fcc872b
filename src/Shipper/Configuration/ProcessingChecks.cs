using Shipper.Agents;
using Shipper.Processing.Cases;
using Shipper.Processing.Limits;
using Shipper.Processing.Rules;

namespace Shipper.Configuration;

/// <summary>Checks the sections <c>processing</c> and <c>tests</c>: that each name is unique, and that each rule and limit can have an effect.</summary>
internal static class ProcessingChecks
{
    private const int MaxFields = 32;

    public static void Validate(AgentOptions options, ConfigBinder binder)
    {
        IReadOnlyList<RuleCondition> rules = RuleCondition.OfRules(options.Processing);
        IReadOnlyList<RuleCondition> limits = RuleCondition.OfLimits(options.Processing);

        // A rule and a limit with the same name would be counted together.
        ValidateNames([.. rules.Concat(limits).Select(condition => (condition.Path, condition.Name))], "records are counted by name", binder);
        ValidateNames(
            [.. options.Processing.Redact.Patterns.Select((pattern, i) => ($"processing.redact.patterns[{i}]", pattern.Name))],
            "the name takes the place of the text",
            binder);
        ValidateNames([.. options.Tests.Select((test, i) => ($"tests[{i}]", test.Name))], "a failure is reported by name", binder);
        foreach (RuleCondition condition in rules.Concat(limits).Where(condition => !binder.HasInvalid(condition.Path)))
        {
            WhenChecks.Validate(condition, options, binder);
        }

        ValidateOrder(rules, binder);
        ValidateOrder(limits, binder);
        WarnIfAllIsDropped(options.Processing.Rules, rules, binder);
        ValidateLimits(options.Processing.Limits, limits, binder);
        ValidateFields(options, binder);
        for (int i = 0; i < options.Tests.Count; i++)
        {
            ValidateOrigin($"tests[{i}].from", options.Tests[i].From, options, binder);
        }
    }

    private static void ValidateOrigin(string path, TestOrigin from, AgentOptions options, ConfigBinder binder)
    {
        if (binder.HasInvalid(path))
        {
            return;
        }

        RecordSources.Check(path, binder.IsSet($"{path}.source") ? [from.Source] : [], RecordSources.GetBoundKeys(from), binder);
        bool isRead = from.Source != RecordSources.File || from.Filename.Length == 0 || options.Files.Exists(files => files.Includes(from.Filename));
        if (!isRead && !binder.HasInvalid("sources"))
        {
            binder.AddWarning(
                $"{path}.filename",
                $"no entry of sources.files includes \"{ConfigBinder.ToOneLine(from.Filename)}\", so the agent does not read such a file, and the test runs "
                + "without the settings of an entry; correct the path, or add the file to sources.files");
        }
    }

    private static void ValidateNames((string Path, string Name)[] items, string reason, ConfigBinder binder)
    {
        var paths = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach ((string path, string name) in items.Where(item => item.Name.Length > 0))
        {
            if (!paths.TryAdd(name, path))
            {
                binder.Add($"{path}.name", $"{path}.name: {paths[name]} already has the name \"{ConfigBinder.ToOneLine(name)}\", but {reason}; choose another name");
            }
        }
    }

    /// <summary>Reports rules, or limits, that can never match because one before them matches all of their records.</summary>
    private static void ValidateOrder(IReadOnlyList<RuleCondition> conditions, ConfigBinder binder)
    {
        RuleCondition[] valid = [.. conditions.Where(condition => !binder.HasInvalid(condition.Path))];
        for (int i = 0; i < valid.Length; i++)
        {
            RuleCondition condition = valid[i];
            if (condition.IsAlwaysTrue && condition != conditions[^1])
            {
                binder.Add(
                    condition.Path,
                    $"{condition.Path} ({condition.Name}) matches every record, so those after it can never match; move it to the end, or add a condition (when)");
                return;
            }

            if (Array.Find(valid[..i], before => before.Covers(condition)) is { } first)
            {
                binder.Add(
                    condition.Path,
                    $"{condition.Path} ({condition.Name}) can never match, because {first.Path} ({first.Name}) comes first and matches all of its records; "
                    + "change their order, or remove one of them");
            }
        }
    }

    /// <summary>
    /// Warns if nothing would be sent. Only the last rule can match every record, and only a rule that keeps or samples records keeps any from it.
    /// </summary>
    private static void WarnIfAllIsDropped(List<RuleOptions> rules, IReadOnlyList<RuleCondition> conditions, ConfigBinder binder)
    {
        if (conditions is [.., { IsAlwaysTrue: true } last] && rules.TrueForAll(rule => rule.Do.Kind == RuleActionKind.Drop) && !binder.HasInvalid(last.Path))
        {
            binder.AddWarning(
                last.Path,
                $"{last.Path} ({last.Name}) has no condition (when), and no rule before it keeps a record, so nothing is sent; "
                + "add a condition, or a rule before it with do: keep");
        }
    }

    private static void ValidateLimits(List<LimitOptions> limits, IReadOnlyList<RuleCondition> conditions, ConfigBinder binder)
    {
        for (int i = 0; i < limits.Count; i++)
        {
            string path = conditions[i].Path;
            if (binder.HasInvalid(path))
            {
                continue;
            }

            if (limits[i] is { Bytes: 0, Lines: 0 })
            {
                binder.Add(path, $"{path} ({limits[i].Name}) limits nothing; set bytes, lines or both, as in bytes: 1MiB");
            }

            if (limits[i].Over == OverLimit.Slow && RecordSources.GetPossible(limits[i].When) is [RecordSources.Journal])
            {
                binder.Add(
                    $"{path}.over",
                    $"{path}.over can't be slow for records of the journal: the agent reads the entries of all units in their order, "
                    + "so it can't read one unit later; write over: sample or over: drop");
            }
        }
    }

    private static void ValidateFields(AgentOptions options, ConfigBinder binder)
    {
        const string General = "processing.fields";
        IEnumerable<(string Path, int Count)> all = options.Files.Select((file, i) => ($"sources.files[{i}].fields", file.Fields?.Count ?? 0));
        foreach ((string path, int count) in all.Prepend((General, options.Processing.Fields.Count)).Where(fields => fields.Count > MaxFields))
        {
            binder.Add(path, $"{path} has {count} fields, but at most {MaxFields} are allowed; remove some");
        }

        foreach (string name in options.Processing.Fields.Keys.Where(options.Kubernetes.StructuredMetadata.ContainsKey))
        {
            binder.Add(
                $"{General}.{name}",
                $"{General}.{name} and kubernetes.structuredMetadata.{name} have the same name, so a record would have two values for it; rename one of them");
        }
    }
}
