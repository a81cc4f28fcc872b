using Shipper.Tailing.Streams;

namespace Shipper.Tailing.Held;

/// <summary>The bytes of deleted files that all lanes together hold open, and how many they may be.</summary>
/// <remarks>Thread-safe.</remarks>
/// <param name="limit">Upper bound in bytes, on disk.</param>
internal sealed class HeldBudget(long limit)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<object, (long Bytes, long OldestNs, double Growth)> _held = [];

    // Of all lanes; only under the lock.
    private long Bytes => _held.Values.Sum(held => held.Bytes);

    /// <summary>Reports what a lane holds.</summary>
    /// <param name="lane">Identifies the lane.</param>
    /// <param name="bytes">Bytes on the disk.</param>
    /// <param name="oldestNs">When the oldest of them was last written to, in nanoseconds since 1970.</param>
    /// <param name="growth">How fast the lane's unacknowledged bytes grow, held or not, in bytes a second.</param>
    public void Report(object lane, long bytes, long oldestNs, double growth)
    {
        lock (_lock)
        {
            _held[lane] = (bytes, oldestNs, growth);
        }
    }

    /// <summary>True if more than half of what may be held is held.</summary>
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

    /// <summary>Bytes that may be held in addition to those that are.</summary>
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
    /// Estimates the time until no more can be held if rotation deletes all unacknowledged bytes, at the present growth of all lanes together.
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

    /// <summary>Tells whether too much is held and the lane's oldest file is the oldest of all.</summary>
    public bool MustLetGo(object lane)
    {
        lock (_lock)
        {
            return Bytes > limit
                && _held.Values.Where(held => held.Bytes > 0).Min(held => held.OldestNs) == _held[lane].OldestNs;
        }
    }
}
