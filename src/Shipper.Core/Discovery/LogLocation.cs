namespace Shipper.Discovery;

/// <summary>A configured set of globs for logs of one kind. It identifies the log that a matching path leads to.</summary>
/// <param name="include">Globs of the files to read, or of links to them.</param>
/// <param name="exclude">Globs of the files to exclude.</param>
/// <param name="isOptional">True if the directories may be missing.</param>
internal abstract class LogLocation(IEnumerable<string> include, IEnumerable<string> exclude, bool isOptional)
{
    private readonly List<Glob> _exclude = [.. exclude.Select(pattern => new Glob(pattern))];

    /// <summary>Globs of the files to read.</summary>
    public IReadOnlyList<Glob> Include { get; } = [.. include.Select(pattern => new Glob(pattern, isOptional))];

    /// <summary>True if a path matches one of the globs and is not excluded.</summary>
    public bool IsMatch(string path) => Include.Any(glob => glob.IsMatch(path)) && !_exclude.Exists(glob => glob.IsMatch(path));

    /// <summary>Returns the glob that excludes a path; null if none does.</summary>
    public string? FindExclusion(string path) => _exclude.Find(glob => glob.IsMatch(path))?.Pattern;

    /// <summary>Returns a predicate that is true if a file with the name of a resolved path would match in the given, unresolved directory.</summary>
    protected Predicate<string> IsIncluded(string directory) => path => IsMatch(Path.Join(directory, Path.GetFileName(path)));

    /// <summary>Identifies a log that is gone, but that has a checkpoint.</summary>
    /// <param name="key">The key of its stream.</param>
    /// <param name="logPath">Path of the log, under its unrotated name.</param>
    /// <returns>Null if the log does not belong to this location.</returns>
    public abstract LogFound? IdentifyDeleted(string key, string logPath);

    /// <summary>Identifies the log that a path leads to.</summary>
    /// <param name="path">The path that matched.</param>
    /// <param name="firstTarget">The direct target of the path if it is a link; else the path.</param>
    /// <param name="resolved">The file, with all links resolved.</param>
    /// <param name="isKnown">True if a log with that path was found before.</param>
    /// <returns>Null if the log can't be identified yet.</returns>
    public abstract LogFound? Identify(string path, string firstTarget, string resolved, Predicate<string> isKnown);
}
