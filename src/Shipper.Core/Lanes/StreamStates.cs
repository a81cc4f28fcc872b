namespace Shipper.Lanes;

/// <summary>What a stream is doing: the values of <see cref="StreamStatus.State"/>.</summary>
internal static class StreamStates
{
    /// <summary>A record that Loki has not acknowledged within this time is behind; a younger one is merely in flight.</summary>
    public static readonly TimeSpan MaxInFlight = TimeSpan.FromSeconds(15);

    /// <summary>Everything is in Loki, and nothing new was written lately.</summary>
    public const string Idle = "idle";

    /// <summary>Records are on their way, or were acknowledged in the last seconds.</summary>
    public const string Shipping = "shipping";

    /// <summary>The oldest unacknowledged record is older than <see cref="MaxInFlight"/>.</summary>
    public const string CatchingUp = "catching up";

    /// <summary>Loki refused the stream, and the agent waits before it sends it again.</summary>
    public const string Paused = "paused";

    /// <summary>A limit holds the stream back.</summary>
    public const string Limited = "limited";

    /// <summary>A file can't be read.</summary>
    public const string Unreadable = "unreadable";

    /// <summary>Reading waits for the API server, or for a file descriptor.</summary>
    public const string Waiting = "waiting";

    /// <summary>The pod has gone, and the rest of its files is still to be sent.</summary>
    public const string Gone = "gone";
}
