using Shipper.Records;

namespace Shipper.Discovery;

/// <summary>
/// A pattern of absolute paths: <c>*</c> and <c>?</c> match within a name, <c>**</c> matches any number of directories. As in a shell, a name that begins with
/// a dot is matched only by a pattern that begins with a dot.
/// </summary>
internal sealed class Glob
{
    private const string AnyDirectories = "**";

    private readonly string[] _segments;
    private readonly NameGlob[] _names;

    /// <param name="pattern">The pattern.</param>
    /// <param name="isOptional">True if <see cref="Root"/> may be missing.</param>
    public Glob(string pattern, bool isOptional = false)
    {
        Pattern = pattern;
        IsOptional = isOptional;
        _segments = pattern.Split('/', StringSplitOptions.RemoveEmptyEntries);
        _names = [.. _segments.Select(segment => new NameGlob(segment, skipsHidden: true, hasEscapes: true))];
    }

    public string Pattern { get; }

    /// <summary>True if <see cref="Root"/> may be missing.</summary>
    public bool IsOptional { get; }

    /// <summary>Number of path segments in the pattern.</summary>
    public int SegmentCount => _segments.Length;

    /// <summary>The directory that contains all matches: the part of the pattern before the first wildcard.</summary>
    public string Root
    {
        get
        {
            int fixedSegments = _segments.TakeWhile(segment => !HasWildcard(segment)).Count();
            return "/" + string.Join('/', _segments.Take(Math.Min(fixedSegments, _segments.Length - 1)));
        }
    }

    /// <summary>Number of path segments in <see cref="Root"/>.</summary>
    public int RootSegmentCount => Root == "/" ? 0 : Root.Count(c => c == '/');

    /// <summary>True if a segment is <c>**</c>, which stands for any number of directories.</summary>
    public bool IsDoubleStar(int segment) => _segments[segment] == AnyDirectories;

    /// <summary>True if a name matches one segment of the pattern.</summary>
    public bool IsMatch(int segment, string name) => _names[segment].IsMatch(name);

    /// <summary>True if a path matches one of several globs.</summary>
    public static bool IsAnyMatch(IEnumerable<string> globs, string path) => globs.Any(pattern => new Glob(pattern).IsMatch(path));

    /// <summary>True if a path matches the whole pattern.</summary>
    public bool IsMatch(string path)
    {
        // isReached[i]: the segments so far match the first i names. Trying every number of directories for each ** would take exponential time.
        string[] names = path.Split('/', StringSplitOptions.RemoveEmptyEntries);
        var isReached = new bool[names.Length + 1];
        isReached[0] = true;
        for (int segment = 0; segment < _segments.Length; segment++)
        {
            if (IsDoubleStar(segment))
            {
                for (int i = 1; i <= names.Length; i++)
                {
                    isReached[i] |= isReached[i - 1];
                }

                continue;
            }

            for (int i = names.Length; i > 0; i--)
            {
                isReached[i] = isReached[i - 1] && IsMatch(segment, names[i - 1]);
            }

            isReached[0] = false;
        }

        return isReached[^1];
    }

    private static bool HasWildcard(string segment) => segment.AsSpan().ContainsAny('*', '?');
}
