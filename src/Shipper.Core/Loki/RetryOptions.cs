namespace Shipper.Loki;

/// <summary>How a failed push is repeated: section <c>loki.retry</c> of the configuration.</summary>
internal sealed class RetryOptions
{
    /// <summary>Upper bound of the first wait; it doubles with each failure. The wait is drawn evenly from 0 to the bound.</summary>
    public TimeSpan Initial { get; set; } = TimeSpan.FromMilliseconds(500);

    /// <summary>The largest bound.</summary>
    public TimeSpan Max { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Repetitions before the batch is dropped; 0: for as long as the source is still there.</summary>
    public int Limit { get; set; }
}
