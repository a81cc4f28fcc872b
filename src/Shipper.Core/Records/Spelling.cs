namespace Shipper.Records;

/// <summary>Finds what a misspelled name was meant to be.</summary>
internal static class Spelling
{
    /// <summary>A name that differs from a known name in more letters than this is not treated as a typo.</summary>
    private const int MaxDistance = 3;

    /// <summary>A typo may have one wrong letter per this many letters.</summary>
    private const int LettersPerTypo = 3;

    /// <summary>Returns the name that a text is probably a typo of; null if there is none.</summary>
    public static string? FindNearest(string text, IReadOnlyCollection<string> names)
    {
        string? nearest = names.MinBy(name => Distance(text, name));
        return nearest is not null && Distance(text, nearest) <= Math.Min(MaxDistance, Math.Max(text.Length, nearest.Length) / LettersPerTypo) ? nearest : null;
    }

    /// <summary>
    /// Returns how many letters have to be changed, inserted, removed or swapped with their neighbor to get from one text to the other, ignoring case; the
    /// largest number if the lengths alone differ by more than a typo may. Source: the optimal string alignment distance.
    /// </summary>
    public static int Distance(string a, string b)
    {
        if (Math.Abs(a.Length - b.Length) > MaxDistance)
        {
            return int.MaxValue;
        }

        int[] beforeLast = [];
        int[] last = [.. Enumerable.Range(0, b.Length + 1)];
        for (int i = 1; i <= a.Length; i++)
        {
            var row = new int[b.Length + 1];
            row[0] = i;
            for (int j = 1; j <= b.Length; j++)
            {
                row[j] = Math.Min(last[j - 1] + (IsSame(i - 1, j - 1) ? 0 : 1), Math.Min(last[j], row[j - 1]) + 1);
                if (i > 1 && j > 1 && IsSame(i - 1, j - 2) && IsSame(i - 2, j - 1))
                {
                    row[j] = Math.Min(row[j], beforeLast[j - 2] + 1);
                }
            }

            (beforeLast, last) = (last, row);
        }

        return last[b.Length];

        bool IsSame(int i, int j) => char.ToUpperInvariant(a[i]) == char.ToUpperInvariant(b[j]);
    }
}
