namespace Shipper.Delivery;

/// <summary>Why pushes fail.</summary>
internal enum LokiFailureKind
{
    /// <summary>There was no response, or one with status 5xx.</summary>
    Unavailable,

    /// <summary>Loki refused the push, for example because of a rate limit. Waiting helps.</summary>
    Refused,

    /// <summary>Pushes can't succeed until somebody changes the configuration of the agent, of Loki, or of something in between.</summary>
    Misconfigured,
}
