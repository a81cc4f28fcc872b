namespace Shipper.Delivery;

/// <summary>
/// Finds the entries of a stream that an ingester refused because they are too far behind its newest one. The ingester says how many entries it refused, but
/// not the time of its newest entry. The later that time is, the more entries it refuses, so the number reveals the time.
/// </summary>
internal static class LateEntries
{
    /// <summary>How far an entry may be behind the newest one in nanoseconds: half of max_chunk_age, by default.</summary>
    public const long DefaultMaxBehindNs = 60L * 60 * 1_000_000_000;

    /// <summary>Finds the refused entries.</summary>
    /// <param name="times">The times of the stream's entries, in the order of the request.</param>
    /// <param name="count">The number of refused entries.</param>
    /// <param name="maxBehindNs">How far an entry may be behind the newest one, in nanoseconds.</param>
    /// <returns>True for each refused entry; null if no time of the newest entry gives that number.</returns>
    public static bool[]? TryFind(ReadOnlySpan<long> times, int count, long maxBehindNs)
    {
        // The ingester's bound is before all entries, or at one of them.
        long[] candidates = [long.MinValue, .. times];
        Array.Sort(candidates);
        int low = 0;
        int high = candidates.Length - 1;
        while (low <= high)
        {
            int middle = (low + high) / 2;
            bool[] refused = Simulate(times, candidates[middle], maxBehindNs, out int found);
            if (found == count)
            {
                return refused;
            }

            (low, high) = found < count ? (middle + 1, high) : (low, middle - 1);
        }

        return null;
    }

    /// <summary>Repeats the ingester's check. Entries up to <paramref name="floorNs"/> are refused.</summary>
    /// <param name="count">The number of refused entries.</param>
    private static bool[] Simulate(ReadOnlySpan<long> times, long floorNs, long maxBehindNs, out int count)
    {
        var refused = new bool[times.Length];
        long newestNs = long.MinValue;
        count = 0;
        for (int i = 0; i < times.Length; i++)
        {
            refused[i] = times[i] <= floorNs || (newestNs != long.MinValue && times[i] < newestNs - maxBehindNs);
            count += refused[i] ? 1 : 0;
            newestNs = refused[i] ? newestNs : Math.Max(newestNs, times[i]);
        }

        return refused;
    }
}
