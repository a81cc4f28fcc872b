namespace Shipper.Loki;

/// <summary>What an answer to a push means for its records.</summary>
internal enum PushVerdict
{
    /// <summary>Loki has them.</summary>
    Stored,

    /// <summary>Loki refused some for what they are, and has the others: sending those again can only do harm.</summary>
    Refused,

    /// <summary>An ingester refused some of the stream that it names for what they are, and has its others. What became of other streams stays open.</summary>
    StreamDropped,

    /// <summary>An ingester took nothing of the stream that it names, for now. What became of other streams stays open.</summary>
    StreamRefused,

    /// <summary>Nothing is stored, and it can work later.</summary>
    NotStored,

    /// <summary>Nothing is stored, and it can't work with a request of this size.</summary>
    TooLarge,

    /// <summary>Nothing is stored, because the labels of one stream can't be read.</summary>
    UnreadableLabels,

    /// <summary>Loki may have stored any part of them, or do so in a moment.</summary>
    LeftOpen,

    /// <summary>Ingestion is blocked for the tenant, or for a policy: streams of another policy are stored.</summary>
    Blocked,

    /// <summary>It can't work until somebody changes the configuration: hold everything and send again, slowly.</summary>
    Misconfigured,
}
