namespace Shipper.Core.Tests.Support;

/// <summary>Measures what code allocates.</summary>
internal static class Allocation
{
    private const int Rounds = 3;

    /// <summary>
    /// Returns the bytes that an action allocates on this thread: in the round with the fewest of three, because the runtime, too, allocates now and then, while
    /// it replaces code by faster code. What the action allocates for every call is in all rounds.
    /// </summary>
    public static long Least(Action action)
    {
        long least = long.MaxValue;
        for (int round = 0; round < Rounds; round++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            action();
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        return least;
    }
}
