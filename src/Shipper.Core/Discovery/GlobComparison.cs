using System.Text;

namespace Shipper.Discovery;

/// <summary>
/// Compares what two globs can match, without looking at any file. Path globs have the syntax of <see cref="Glob"/>; globs of names (of units and namespaces)
/// know only <c>*</c> and <c>?</c>.
/// </summary>
internal static class GlobComparison
{
    private const string AnyDirectories = "**";

    /// <summary>
    /// True if <paramref name="wide"/> matches every path that <paramref name="narrow"/> matches. It is also false for some unusual pairs for which it should
    /// be true, such as <c>?*</c> and <c>*?</c>.
    /// </summary>
    public static bool Covers(string wide, string narrow) => ComparePaths(wide, narrow, covers: true);

    /// <summary>True if a path can exist that both globs match.</summary>
    public static bool CanOverlap(string one, string other) => ComparePaths(one, other, covers: false);

    /// <summary>Like <see cref="Covers"/>, for names.</summary>
    public static bool CoversName(string wide, string narrow) => CompareNames(wide, narrow, covers: true);

    /// <summary>True if a path may exist that both globs match. The answer false is certain; the answer true is not.</summary>
    /// <param name="name">A glob whose wildcards match any characters, slashes too.</param>
    /// <param name="path">A glob of paths.</param>
    public static bool MayOverlap(string name, string path)
    {
        // "**" matches no directory, or several: with the slash before it, it is a star that matches slashes. One "?" can stand for two UTF-16 code units, and
        // a backslash escapes a wildcard of a path.
        string any = string.Concat(path.Split('/', StringSplitOptions.RemoveEmptyEntries).Select(segment => segment == AnyDirectories ? "*" : $"/{segment}"));
        return !Ascii.IsValid(name) || !Ascii.IsValid(path) || path.Contains('\\', StringComparison.Ordinal) || CompareNames(name, any, covers: false);
    }

    private static bool ComparePaths(string one, string other, bool covers)
    {
        string[] a = one.Split('/', StringSplitOptions.RemoveEmptyEntries);
        string[] b = other.Split('/', StringSplitOptions.RemoveEmptyEntries);
        return Compare(
            a.Length, b.Length, i => a[i] == AnyDirectories, j => b[j] == AnyDirectories, (i, j) => a[i][0] == '.' == (b[j][0] == '.') && CompareNames(a[i], b[j], covers), covers);
    }

    private static bool CompareNames(string one, string other, bool covers) => Compare(
        one.Length, other.Length, i => one[i] == '*', j => other[j] == '*', (i, j) => one[i] == other[j] || one[i] == '?' || (!covers && other[j] == '?'), covers);

    /// <summary>
    /// Compares two patterns from their ends: each step of a pattern matches one step of the other, or any number of steps if it is a wildcard.
    /// </summary>
    private static bool Compare(int lengthA, int lengthB, Predicate<int> isAnyA, Predicate<int> isAnyB, Func<int, int, bool> isMatch, bool covers)
    {
        // next[j]: true if the first pattern from step i + 1 on compares with the second pattern from step j on.
        bool[] next = [];
        for (int i = lengthA; i >= 0; i--)
        {
            var rest = new bool[lengthB + 1];
            for (int j = lengthB; j >= 0; j--)
            {
                bool anyA = i < lengthA && isAnyA(i);
                bool anyB = j < lengthB && isAnyB(j);
                rest[j] = (i == lengthA && j == lengthB)
                    || (anyA && (next[j] || (j < lengthB && rest[j + 1])))
                    || (anyB && !covers && (rest[j + 1] || (i < lengthA && next[j])))
                    || (i < lengthA && j < lengthB && !anyA && !anyB && isMatch(i, j) && next[j + 1]);
            }

            next = rest;
        }

        return next[0];
    }
}
