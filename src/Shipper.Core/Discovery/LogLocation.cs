namespace Shipper.Discovery;

/// <summary>Where logs of one kind are, and what they are sent as.</summary>
/// <param name="include">Globs of the files to read, or of links to them.</param>
/// <param name="exclude">Globs of what is left out of them.</param>
/// <param name="isOptional">True where the directories need not be there.</param>
internal abstract class LogLocation(IEnumerable<string> include, IEnumerable<string> exclude, bool isOptional)
{
    private readonly List<Glob> _exclude = [.. exclude.Select(pattern => new Glob(pattern))];

    /// <summary>Globs of the files to read.</summary>
    public IReadOnlyList<Glob> Include { get; } = [.. include.Select(pattern => new Glob(pattern, isOptional))];

    /// <summary>Tells whether a path is one of these.</summary>
    public bool IsMatch(string path) => Include.Any(glob => glob.IsMatch(path)) && !_exclude.Exists(glob => glob.IsMatch(path));

    /// <summary>Tells whether a file with the name of a resolved path, in a directory as it was found, is one of these.</summary>
    protected Predicate<string> IsIncluded(string directory) => path => IsMatch(Path.Join(directory, Path.GetFileName(path)));

    /// <summary>Says what a log is that is gone, and that the checkpoint knows.</summary>
    /// <param name="key">Its stream's key.</param>
    /// <param name="logPath">Path of the log, under its unrotated name.</param>
    /// <returns>Null where it is none of these.</returns>
    public abstract LogFound? DescribeGone(string key, string logPath);

    /// <summary>Says what a path is.</summary>
    /// <param name="path">The path that matched.</param>
    /// <param name="firstTarget">Where it leads, where it is a link; else the path.</param>
    /// <param name="resolved">The file, with all links resolved.</param>
    /// <param name="isKnown">Tells whether a series with that path was found before.</param>
    /// <returns>Null if it can't be told yet.</returns>
    public abstract LogFound? Describe(string path, string firstTarget, string resolved, Predicate<string> isKnown);
}
