namespace Shipper.Net;

/// <summary>
/// Full jitter: a wait is drawn evenly up to its bound, so that agents that failed together do not return together.
/// Source: https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/.
/// </summary>
internal static class Jitter
{
    /// <summary>Draws a wait.</summary>
    /// <param name="bound">The longest wait.</param>
    /// <returns>From 1 ms to the bound, in whole milliseconds: timers count these, and a part of one would be no wait at all.</returns>
    public static TimeSpan Draw(TimeSpan bound) => TimeSpan.FromMilliseconds(Math.Ceiling(bound.TotalMilliseconds * (1 - Random.Shared.NextDouble())));
}
