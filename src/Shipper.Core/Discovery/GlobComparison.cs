namespace Shipper.Discovery;

/// <summary>
/// Tells whether one glob can match what another one matches, without looking at any file. Paths are as
/// <see cref="Glob"/> reads them; names, of units and namespaces, know <c>*</c> and <c>?</c> only.
/// </summary>
internal static class GlobComparison
{
    private const string AnyDirectories = "**";

    /// <summary>
    /// True if each path that <paramref name="narrow"/> matches is one that <paramref name="wide"/> matches. False also for some unusual
    /// pairs of which it is true, as <c>?*</c> and <c>*?</c>.
    /// </summary>
    public static bool Covers(string wide, string narrow) => ComparePaths(wide, narrow, covers: true);

    /// <summary>True if there can be a path that both match.</summary>
    public static bool Overlap(string one, string other) => ComparePaths(one, other, covers: false);

    /// <summary>As <see cref="Covers"/>, for names.</summary>
    public static bool CoversName(string wide, string narrow) => CompareNames(wide, narrow, covers: true);

    private static bool ComparePaths(string one, string other, bool covers)
    {
        string[] a = one.Split('/', StringSplitOptions.RemoveEmptyEntries);
        string[] b = other.Split('/', StringSplitOptions.RemoveEmptyEntries);
        return Compare(
            a.Length, b.Length, i => a[i] == AnyDirectories, j => b[j] == AnyDirectories, (i, j) => a[i][0] == '.' == (b[j][0] == '.') && CompareNames(a[i], b[j], covers), covers);
    }

    private static bool CompareNames(string one, string other, bool covers) => Compare(
        one.Length, other.Length, i => one[i] == '*', j => other[j] == '*', (i, j) => one[i] == other[j] || one[i] == '?' || (!covers && other[j] == '?'), covers);

    /// <summary>Compares two patterns from their ends: a step of one stands for one step of the other, or for any number of them.</summary>
    private static bool Compare(int lengthA, int lengthB, Predicate<int> isAnyA, Predicate<int> isAnyB, Func<int, int, bool> isMatch, bool covers)
    {
        // Whether the rest of the first, from this step on, compares with the rest of the second, from each of its steps on.
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
