namespace Shipper.Tailing;

/// <summary>The bytes of deleted files that all lanes together hold open, and how many they may be.</summary>
/// <remarks>Safe for concurrent use.</remarks>
/// <param name="limit">The most bytes, on disk.</param>
internal sealed class HeldBudget(long limit)
{
    private long _total;

    /// <summary>True while more is held than may be.</summary>
    public bool IsExceeded => Interlocked.Read(ref _total) > limit;

    /// <summary>A lane holds more, or less, than before.</summary>
    public void Change(long difference) => Interlocked.Add(ref _total, difference);
}
