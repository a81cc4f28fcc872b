using Shipper.Records;

namespace Shipper.Discovery;

/// <summary>
/// A pattern of absolute paths: <c>*</c> and <c>?</c> within a name, <c>**</c> for any number of directories. As in a
/// shell, a name that begins with a dot is only matched by a pattern that does.
/// </summary>
internal sealed class Glob
{
    private const string AnyDirectories = "**";

    private readonly string[] _segments;
    private readonly NameGlob[] _names;

    /// <param name="pattern">The pattern.</param>
    /// <param name="isOptional">True where <see cref="Root"/> need not be there.</param>
    public Glob(string pattern, bool isOptional = false)
    {
        Pattern = pattern;
        IsOptional = isOptional;
        _segments = pattern.Split('/', StringSplitOptions.RemoveEmptyEntries);
        _names = [.. _segments.Select(segment => new NameGlob(segment, skipsHidden: true, hasEscapes: true))];
    }

    public string Pattern { get; }

    /// <summary>True where <see cref="Root"/> need not be there.</summary>
    public bool IsOptional { get; }

    /// <summary>Number of names in the pattern.</summary>
    public int Length => _segments.Length;

    /// <summary>The directory that all matches lie in.</summary>
    public string Root
    {
        get
        {
            int fixedSegments = _segments.TakeWhile(segment => !HasWildcard(segment)).Count();
            return "/" + string.Join('/', _segments.Take(Math.Min(fixedSegments, _segments.Length - 1)));
        }
    }

    /// <summary>Number of names in <see cref="Root"/>.</summary>
    public int RootLength => Root == "/" ? 0 : Root.Count(c => c == '/');

    /// <summary>True where a pattern says nothing about one of its directories.</summary>
    public bool IsAnyDirectories(int segment) => _segments[segment] == AnyDirectories;

    /// <summary>Tells whether a name matches one segment of the pattern.</summary>
    public bool IsMatch(int segment, string name) => _names[segment].IsMatch(name);

    /// <summary>Tells whether a whole path matches.</summary>
    public bool IsMatch(string path)
    {
        // Of how many names a match of the pattern so far can be: to try out each number for each ** would take exponential time.
        string[] names = path.Split('/', StringSplitOptions.RemoveEmptyEntries);
        var isReached = new bool[names.Length + 1];
        isReached[0] = true;
        for (int segment = 0; segment < _segments.Length; segment++)
        {
            if (IsAnyDirectories(segment))
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
