using Shipper.Discovery.Rotation;
using Shipper.Loki;
using Shipper.Processing;

namespace Shipper.Discovery;

/// <summary>
/// Identifies log files of other programs. Their lines are plain text, and the label <c>filename</c> has the path under which a file was found.
/// </summary>
/// <param name="options">An element of <c>sources.files</c>.</param>
/// <param name="baseLabels">The labels that all streams have.</param>
/// <param name="owners">Decides which log a file belongs to.</param>
/// <param name="processing">Section <c>processing</c>.</param>
internal sealed class FileLocation(FileSourceOptions options, IReadOnlyDictionary<string, string> baseLabels, FileOwners owners, ProcessingOptions processing)
    : LogLocation(options.Include, options.Exclude, isOptional: true)
{
    /// <summary>The label that has the path.</summary>
    public const string Label = "filename";

    /// <summary>The prefix of the keys of these streams. The keys of containers have no colon.</summary>
    public const string KeyPrefix = "file:";

    private readonly LogKind _kind = new(LogKind.File, HasHeaders: false, options.Tailer);

    public override LogFound? Identify(string path, string firstTarget, string resolved, Predicate<string> isKnown)
    {
        string directory = Path.GetDirectoryName(path) ?? "/";
        string name = Path.GetFileName(resolved);
        if (owners.Find(Path.GetDirectoryName(resolved) ?? "/", name, isKnown, IsIncluded(directory)) is not { } owner)
        {
            return null;
        }

        // A log that was read before keeps its name. A new one gets its name before rotation, in the directory that matched; a link with another name keeps its
        // own.
        string? before = owner.Key?.StartsWith(KeyPrefix, StringComparison.Ordinal) == true ? owner.Key[KeyPrefix.Length..] : null;
        string filename = before is not null && IsMatch(before) ? before
            : Path.GetFileName(path) == name ? Path.Join(directory, Path.GetFileName(owner.LogPath))
            : path;
        return Describe(filename, owner.LogPath);
    }

    public override LogFound? IdentifyDeleted(string key, string logPath) =>
        key.StartsWith(KeyPrefix, StringComparison.Ordinal) && key[KeyPrefix.Length..] is var filename && IsMatch(filename)
            ? Describe(filename, logPath)
            : null;

    private LogFound Describe(string filename, string logPath)
    {
        var labels = new Dictionary<string, string>(baseLabels, StringComparer.Ordinal);
        foreach ((string label, string value) in options.Labels)
        {
            labels[label] = value;
        }

        labels[Label] = filename;
        var attributes = new FixedAttributes(new StreamAttributes(
            StreamLabels.Create(labels), [], hasOutput: false,
            StreamRulesFactory.Create(options.ApplyTo(processing), new RecordOrigin { Source = RecordOrigin.Files, Filename = filename })));
        var rotatedLog = new RotatedLog(Path.GetDirectoryName(logPath) ?? "/", Path.GetFileName(logPath), 0, owners) { IsIncluded = IsIncluded(Path.GetDirectoryName(filename) ?? "/") };
        return new LogFound(KeyPrefix + filename, _kind, attributes, rotatedLog, null);
    }
}
