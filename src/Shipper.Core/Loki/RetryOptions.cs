namespace Shipper.Loki;

/// <summary>How to retry a failed push: section <c>loki.retry</c> of the configuration.</summary>
internal sealed class RetryOptions
{
    /// <summary>Upper bound of the first wait, which doubles with each failure. The wait is random, evenly distributed from 0 to the bound.</summary>
    public TimeSpan Initial { get; set; } = TimeSpan.FromMilliseconds(500);

    /// <summary>Maximum of this upper bound.</summary>
    public TimeSpan Max { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Number of retries before the batch is dropped; 0 to retry as long as the source exists.</summary>
    public int Limit { get; set; }
}
