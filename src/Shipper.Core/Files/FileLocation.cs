using Shipper.Batching;
using Shipper.Discovery;
using Shipper.Tailing;

namespace Shipper.Files;

/// <summary>Other log files: plain lines, labelled with the path under which they are found.</summary>
/// <param name="options">An element of <c>sources.files</c>.</param>
/// <param name="baseLabels">The labels that all of them have.</param>
internal sealed class FileLocation(FileSourceOptions options, IReadOnlyDictionary<string, string> baseLabels)
    : LogLocation(options.Include, options.Exclude, isOptional: true)
{
    /// <summary>What the keys of these streams begin with; those of containers have no colon.</summary>
    public const string KeyPrefix = "file:";

    private readonly LogSource _source = new(LogSource.File, HasHeaders: false, options.Tailer);

    public override SeriesFound Describe(string path, string firstTarget, string resolved, Predicate<string> isKnown)
    {
        string directory = Path.GetDirectoryName(resolved) ?? "/";
        string name = Path.GetFileName(resolved);
        string logName = FindLogName(directory, name, isKnown);

        // The name before rotation, in the directory that matched; a link of another name keeps its own.
        string filename = Path.GetFileName(path) == name ? Path.Join(Path.GetDirectoryName(path), logName) : path;
        return Describe(filename, new LogSeries(directory, logName, 0));
    }

    public override SeriesFound? DescribeGone(string key, string logPath) =>
        key.StartsWith(KeyPrefix, StringComparison.Ordinal) && key[KeyPrefix.Length..] is var filename && IsMatch(filename)
            ? Describe(filename, new LogSeries(Path.GetDirectoryName(logPath) ?? "/", Path.GetFileName(logPath), 0))
            : null;

    private SeriesFound Describe(string filename, LogSeries series)
    {
        var labels = new Dictionary<string, string>(baseLabels, StringComparer.Ordinal);
        foreach ((string label, string value) in options.Labels)
        {
            labels[label] = value;
        }

        labels["filename"] = filename;
        var attributes = new FixedAttributes(new StreamAttributes(StreamLabels.Create(labels), [], hasOutput: false));
        return new SeriesFound(KeyPrefix + filename, _source, attributes, series, null);
    }

    /// <summary>
    /// A rotated file belongs to the log that it was rotated from: where that is there, or was while it is being exchanged; and
    /// where only its name tells, as in <c>app.log.1</c>.
    /// </summary>
    private static string FindLogName(string directory, string name, Predicate<string> isKnown)
    {
        for (int end = name.Length - 1; end > 0; end--)
        {
            if (name[end] is '.' or '-' && name[..end] is var candidate
                && GenerationName.TryParse(name, candidate, 0, out _)
                && (isKnown(directory + "/" + candidate) || File.Exists(Path.Join(directory, candidate))))
            {
                return candidate;
            }
        }

        return LogSeries.LogNameOf(name);
    }
}
