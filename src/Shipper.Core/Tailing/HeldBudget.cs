namespace Shipper.Tailing;

/// <summary>The bytes of deleted files that all lanes together hold open, and how many they may be.</summary>
/// <remarks>Safe for concurrent use.</remarks>
/// <param name="limit">The most bytes, on disk.</param>
internal sealed class HeldBudget(long limit)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<Tailer, (long Bytes, long OldestNs)> _held = [];

    /// <summary>A lane says what it holds.</summary>
    /// <param name="tailer">The lane's files.</param>
    /// <param name="bytes">Bytes on the disk.</param>
    /// <param name="oldestNs">When the oldest of them was last written to, in nanoseconds since 1970.</param>
    public void Report(Tailer tailer, long bytes, long oldestNs)
    {
        lock (_lock)
        {
            _held[tailer] = (bytes, oldestNs);
        }
    }

    /// <summary>True where more than half of what may be held is held.</summary>
    public bool IsHalfUsed
    {
        get
        {
            lock (_lock)
            {
                return _held.Values.Sum(held => held.Bytes) > limit / 2;
            }
        }
    }

    /// <summary>Tells a lane whether too much is held and its own oldest file is the oldest of all.</summary>
    public bool MustLetGo(Tailer tailer)
    {
        lock (_lock)
        {
            return _held.Values.Sum(held => held.Bytes) > limit
                && _held.Values.Where(held => held.Bytes > 0).Min(held => held.OldestNs) == _held[tailer].OldestNs;
        }
    }
}
