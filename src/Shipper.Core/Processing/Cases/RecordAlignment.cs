namespace Shipper.Processing.Cases;

/// <summary>Aligns the records that a test expects with those that are sent: which are missing, and which are too many.</summary>
internal static class RecordAlignment
{
    /// <summary>More pairs of records than this are not compared: it would take too long.</summary>
    private const int MaxPairs = 1_000_000;

    /// <summary>Finds the largest number of pairs of a sent and an expected record that are equal and in the same order.</summary>
    /// <param name="expected">The expected records.</param>
    /// <param name="sent">The records that are sent.</param>
    /// <returns>
    /// All records in their order, by index. A pair is as expected; an expected record alone is missing, and a sent record alone is too many. Missing records
    /// come before those in their place.
    /// </returns>
    public static IEnumerable<(int? Expected, int? Sent)> Align(IReadOnlyList<ExpectedRecord> expected, IReadOnlyList<RecordOutcome> sent)
    {
        int start = 0;
        while (start < expected.Count && start < sent.Count && IsSame(start, start))
        {
            yield return (start, start);
            start++;
        }

        int end = 0;
        while (end < Math.Min(expected.Count, sent.Count) - start && IsSame(expected.Count - 1 - end, sent.Count - 1 - end))
        {
            end++;
        }

        (int i, int j) = (start, start);
        (int endOfExpected, int endOfSent) = (expected.Count - end, sent.Count - end);
        int[][] common = CountCommon(start, endOfExpected, endOfSent, IsSame);
        while (i < endOfExpected || j < endOfSent)
        {
            if (i < endOfExpected && j < endOfSent && common.Length > 0 && IsSame(i, j) && Common(i, j) == Common(i + 1, j + 1) + 1)
            {
                yield return (i++, j++);
            }
            else if (i < endOfExpected && (j == endOfSent || common.Length == 0 || Common(i + 1, j) >= Common(i, j + 1)))
            {
                yield return (i++, null);
            }
            else
            {
                yield return (null, j++);
            }
        }

        for (; end > 0; end--)
        {
            yield return (expected.Count - end, sent.Count - end);
        }

        bool IsSame(int e, int s) => !RecordComparison.FindDifferences([expected[e]], [sent[s]]).Any();

        int Common(int e, int s) => common[e - start][s - start];
    }

    /// <summary>
    /// Returns the length of the longest common subsequence of the records from each pair of indexes on; an empty table if there are too many pairs.
    /// </summary>
    private static int[][] CountCommon(int start, int endOfExpected, int endOfSent, Func<int, int, bool> isSame)
    {
        if ((long)(endOfExpected - start) * (endOfSent - start) > MaxPairs)
        {
            return [];
        }

        int[][] common = [.. Enumerable.Range(start, endOfExpected - start + 1).Select(_ => new int[endOfSent - start + 1])];
        for (int i = endOfExpected - start - 1; i >= 0; i--)
        {
            for (int j = endOfSent - start - 1; j >= 0; j--)
            {
                common[i][j] = isSame(start + i, start + j) ? common[i + 1][j + 1] + 1 : Math.Max(common[i + 1][j], common[i][j + 1]);
            }
        }

        return common;
    }
}
