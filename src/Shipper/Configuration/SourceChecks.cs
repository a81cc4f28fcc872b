using Shipper.Agents;
using Shipper.Discovery;
using Shipper.Journal;
using Shipper.Loki;

namespace Shipper.Configuration;

/// <summary>Checks the sources: that something is read, that each file is read once, and that lines fit into a request.</summary>
internal static class SourceChecks
{
    /// <summary>Upper bound of the globs that are checked for overlaps: comparing all pairs of more globs would take too long.</summary>
    private const int MaxComparedGlobs = 1_000;

    private const string AllNames = "*";
    private const string Links = "/var/log/containers/*.log";

    /// <summary>The targets of the links in /var/log/containers.</summary>
    private static readonly string[] LinkTargets = ["/var/log/pods/*/*/*.log", "/var/lib/docker/containers/*/*.log"];

    public static void Validate(AgentOptions options, ConfigBinder binder)
    {
        if (!options.Containers.Enabled && !options.Journal.Enabled && options.Files.Count == 0)
        {
            binder.Add("sources", "sources.containers and sources.journal are disabled and sources.files is empty, so nothing would be read; enable one of them");
        }

        if (options.Containers.Enabled)
        {
            ValidateContainers(options, binder);
        }

        if (options.Journal.Enabled)
        {
            ValidateJournal(options.Journal, binder);
        }

        for (int i = 0; i < options.Files.Count; i++)
        {
            ValidateFiles($"sources.files[{i}]", options.Files[i], options, binder);
        }

        ValidateLineSize("sources.containers.maxLineSize", options.Containers.Tailer.MaxLineBytes, options, binder);
        WarnOfOverlaps(options, binder);
    }

    private static void ValidateContainers(AgentOptions options, ConfigBinder binder)
    {
        const string Section = "sources.containers";
        if (options.Containers.Include.Count == 0 && !binder.IsInvalid($"{Section}.include"))
        {
            binder.Add($"{Section}.include", $"{Section}.include is empty; list the files to read, or set {Section}.enabled: false");
        }

        ValidateGlobs(Section, options.Containers.Include, options.Containers.Exclude, $"change one of them, or set {Section}.enabled: false", binder);
        (List<string> include, List<string> exclude) = (options.Kubernetes.Namespaces.Include, options.Kubernetes.Namespaces.Exclude);
        if (include.Count == 0)
        {
            binder.Add("kubernetes.namespaces.include", "kubernetes.namespaces.include is empty, so no container logs would be sent; write [\"*\"] for all namespaces");
        }
        else if (AreCovered(include, exclude, GlobComparison.CoversName))
        {
            binder.Add("kubernetes.namespaces.exclude", "kubernetes.namespaces.exclude excludes every namespace that include matches, so no container logs would be sent; change one of them");
        }
    }

    private static void ValidateJournal(JournalOptions journal, ConfigBinder binder)
    {
        if (journal.Directories.Count == 0)
        {
            binder.Add("sources.journal.directories", "sources.journal.directories is empty; list the directories to read, or set sources.journal.enabled: false");
        }

        List<string> units = journal.Units.Count > 0 ? journal.Units : [AllNames];
        if (AreCovered([.. units.Select(unit => UnitFilter.ExpandName(unit).Last())], [.. journal.Exclude.SelectMany(UnitFilter.ExpandName)], GlobComparison.CoversName))
        {
            binder.Add("sources.journal.exclude", "sources.journal.exclude excludes every unit that units matches, so nothing would be read; change one of them, or set sources.journal.enabled: false");
        }
    }

    private static void ValidateFiles(string section, FileSourceOptions file, AgentOptions options, ConfigBinder binder)
    {
        if (file.Include.Count == 0 && !binder.IsInvalid($"{section}.include"))
        {
            binder.Add(section, $"{section}.include is empty; list the files to read, or remove the entry");
        }

        ValidateGlobs(section, file.Include, file.Exclude, "change one of them, or remove the entry", binder);
        int names = options.BaseLabels.Keys.Concat(file.Labels.Keys).Append(FileLocation.Label).Distinct().Count();
        if (names > StreamLabels.MaxNames)
        {
            binder.Add($"{section}.labels", $"with these, a stream has {names} labels, but Loki accepts at most {StreamLabels.MaxNames}; remove some");
        }

        ValidateLineSize($"{section}.maxLineSize", file.Tailer.MaxLineBytes, options, binder);
    }

    private static void ValidateGlobs(string section, List<string> include, List<string> exclude, string remedy, ConfigBinder binder)
    {
        if (AreCovered(include, exclude, GlobComparison.Covers))
        {
            binder.Add($"{section}.exclude", $"{section}.exclude excludes every file that include matches, so nothing would be read; {remedy}");
        }

        foreach (string pattern in include.Concat(exclude).Where(pattern => pattern.Split('/').Any(name => name.Length > 2 && name.Contains("**", StringComparison.Ordinal))))
        {
            binder.AddWarning(
                $"{section}.{(include.Contains(pattern) ? "include" : "exclude")}",
                $"\"{ConfigBinder.ToOneLine(pattern)}\" has ** next to other characters, so it does not match across directories; write /**/ for any number of directories");
        }
    }

    private static bool AreCovered(List<string> include, List<string> exclude, Func<string, string, bool> covers) =>
        exclude.Count > 0 && include.Count > 0 && include.TrueForAll(pattern => exclude.Exists(wide => covers(wide, pattern)));

    private static void ValidateLineSize(string key, int maxLineBytes, AgentOptions options, ConfigBinder binder)
    {
        if (options.Loki.Batch.Size + maxLineBytes >= BatchOptions.MaxRequestBytes && !binder.IsInvalid(key) && !binder.IsInvalid("loki.batch.size"))
        {
            binder.Add(
                key,
                $"{key} ({Units.FormatSize(maxLineBytes)}) and loki.batch.size ({Units.FormatSize(options.Loki.Batch.Size)}) together must stay below 3.5MiB: Loki refuses larger requests");
        }
    }

    /// <summary>Warns if two sources match the same file. Such a file belongs to the first source: it is read once, without the labels of the second.</summary>
    private static void WarnOfOverlaps(AgentOptions options, ConfigBinder binder)
    {
        var sources = new List<(string Section, List<string> Include, List<string> Exclude)>();
        if (options.Containers.Enabled)
        {
            List<string> include = options.Containers.Include;
            sources.Add(("sources.containers", include.Exists(pattern => GlobComparison.CanOverlap(pattern, Links)) ? [.. include, .. LinkTargets] : include, options.Containers.Exclude));
        }

        sources.AddRange(options.Files.Select((file, i) => ($"sources.files[{i}]", file.Include, file.Exclude)));
        if (sources.Sum(source => source.Include.Count + source.Exclude.Count) > MaxComparedGlobs)
        {
            return;
        }

        for (int second = 1; second < sources.Count; second++)
        {
            // Only the first overlap is reported: one warning is enough to make the user check the globs.
            for (int first = 0; first < second; first++)
            {
                if (FindOverlap(sources[first].Include, sources[second].Include, [.. sources[first].Exclude, .. sources[second].Exclude]) is { } pattern)
                {
                    binder.AddWarning(
                        $"{sources[second].Section}.include",
                        $"\"{ConfigBinder.ToOneLine(pattern)}\" also matches files of {sources[first].Section}; each of them is read once, as a file of {sources[first].Section}; exclude these files from one of the two sources");
                    break;
                }
            }
        }
    }

    private static string? FindOverlap(List<string> first, List<string> second, List<string> exclude) => second.Find(one => first.Exists(other =>
        GlobComparison.CanOverlap(one, other) && !exclude.Exists(wide => GlobComparison.Covers(wide, one) || GlobComparison.Covers(wide, other))));
}
