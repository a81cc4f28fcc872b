namespace Shipper.Loki;

/// <summary>What an answer to a push means for its records.</summary>
internal enum PushVerdict
{
    /// <summary>Loki has them.</summary>
    Stored,

    /// <summary>Loki refused some for what they are, and has the others: sending any of them again can only do harm.</summary>
    Refused,

    /// <summary>It can work later: send again.</summary>
    Retry,

    /// <summary>It can't work until somebody changes the configuration: hold everything and send again, slowly.</summary>
    Misconfigured,
}
