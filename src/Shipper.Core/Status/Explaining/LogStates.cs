namespace Shipper.Status.Explaining;

/// <summary>What has become of a log: the values of <see cref="LogExplanation.State"/>.</summary>
internal static class LogStates
{
    /// <summary>Every line is in Loki, or on its way.</summary>
    public const string Delivered = "delivered";

    /// <summary>The log has no lines yet.</summary>
    public const string Empty = "empty";

    /// <summary>The pod has gone, and all its lines are in Loki.</summary>
    public const string Gone = "gone";

    /// <summary>A rule keeps one of several records.</summary>
    public const string Sampled = "sampled";

    /// <summary>A rule drops records.</summary>
    public const string Dropped = "dropped";

    /// <summary>A limit holds the log back, or drops records.</summary>
    public const string Limited = "limited";

    /// <summary>Loki refused some records for good.</summary>
    public const string Refused = "refused";

    /// <summary>Loki refuses the log for now.</summary>
    public const string Paused = "paused";

    /// <summary>Lines are waiting to be sent.</summary>
    public const string Behind = "behind";

    /// <summary>Bytes were lost before they could be read.</summary>
    public const string Lost = "lost";

    /// <summary>The agent waits for something before it reads the log.</summary>
    public const string Waiting = "waiting";

    /// <summary>A rule of the configuration, or the pod itself, excludes the log.</summary>
    public const string Excluded = "excluded";

    /// <summary>The file can't be read.</summary>
    public const string Unreadable = "unreadable";

    /// <summary>The link that should lead to the file leads nowhere.</summary>
    public const string BrokenLink = "broken link";

    /// <summary>The link leads to a directory that is not mounted into the agent's pod.</summary>
    public const string NotMounted = "not mounted";

    /// <summary>Nothing is known of the pod.</summary>
    public const string Unknown = "unknown";

    /// <summary>From the best to the worst.</summary>
    public static IReadOnlyList<string> All { get; } =
        [Delivered, Empty, Gone, Sampled, Dropped, Limited, Refused, Paused, Behind, Lost, Waiting, Excluded, Unreadable, BrokenLink, NotMounted, Unknown];
}
