using Shipper.Tailing.Streams;

namespace Shipper.Tailing.Held;

/// <summary>Counts the bytes of deleted files that all lanes hold open, and limits the total.</summary>
/// <remarks>Thread-safe.</remarks>
/// <param name="limit">Upper bound in bytes on disk.</param>
internal sealed class HeldBudget(long limit)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<object, (long Bytes, long OldestNs, double Growth)> _held = [];

    // The sum over all lanes. Call only under the lock.
    private long Bytes => _held.Values.Sum(held => held.Bytes);

    /// <summary>Reports the held files of a lane.</summary>
    /// <param name="lane">Identifies the lane.</param>
    /// <param name="bytes">Bytes on disk.</param>
    /// <param name="oldestNs">When the oldest of the files was last written to, in nanoseconds since 1970.</param>
    /// <param name="growth">Growth of the lane's unacknowledged bytes, held or not, in bytes per second.</param>
    public void Report(object lane, long bytes, long oldestNs, double growth)
    {
        lock (_lock)
        {
            _held[lane] = (bytes, oldestNs, growth);
        }
    }

    /// <summary>True if more than half of the budget is used.</summary>
    public bool IsHalfUsed
    {
        get
        {
            lock (_lock)
            {
                return Bytes > limit / 2;
            }
        }
    }

    /// <summary>Unused bytes of the budget.</summary>
    public long FreeBytes
    {
        get
        {
            lock (_lock)
            {
                return Math.Max(0, limit - Bytes);
            }
        }
    }

    /// <summary>
    /// Estimated time until the budget is used up, if rotation deletes all unacknowledged bytes and they grow as fast as now in all lanes together.
    /// </summary>
    public double SecondsUntilFull
    {
        get
        {
            lock (_lock)
            {
                double growth = _held.Values.Sum(held => held.Growth);
                return growth > 0 ? Math.Max(0, limit - Bytes) / growth : LossDeadline.Never;
            }
        }
    }

    /// <summary>True if too many bytes are held and the oldest of all held files is the lane's.</summary>
    public bool MustRelease(object lane)
    {
        lock (_lock)
        {
            return Bytes > limit
                && _held.Values.Where(held => held.Bytes > 0).Min(held => held.OldestNs) == _held[lane].OldestNs;
        }
    }
}
