namespace Shipper.Status;

/// <summary>The values of <see cref="Verdict.State"/>.</summary>
internal static class VerdictStates
{
    /// <summary>The sources have not been listed yet.</summary>
    public const string Starting = "starting";

    public const string Shipping = "shipping";

    /// <summary>Loki accepts pushes, but the oldest unacknowledged record is old.</summary>
    public const string CatchingUp = "catching up";

    /// <summary>Loki answers, and accepts no pushes.</summary>
    public const string LokiRefuses = "Loki refuses";

    /// <summary>Loki does not answer, or something in front of it says that it is away.</summary>
    public const string LokiUnavailable = "Loki unavailable";

    /// <summary>A directory or file that the agent should read can't be read.</summary>
    public const string CannotRead = "can't read";
}
