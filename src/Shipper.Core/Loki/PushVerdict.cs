namespace Shipper.Loki;

/// <summary>The meaning of a response to a push for its records.</summary>
internal enum PushVerdict
{
    /// <summary>Loki has stored them.</summary>
    Stored,

    /// <summary>Loki refused some because of their content, and has the others: sending those again can only do harm.</summary>
    EntriesRefused,

    /// <summary>
    /// An ingester refused some records of the stream that it names because of their content, and has the others. Other streams are unconfirmed.
    /// </summary>
    StreamEntriesRefused,

    /// <summary>For now, an ingester accepts no records of the stream that it names. Other streams are unconfirmed.</summary>
    StreamRefused,

    /// <summary>Nothing is stored, and a retry can succeed.</summary>
    NotStored,

    /// <summary>Nothing is stored, and a request of this size can't succeed.</summary>
    TooLarge,

    /// <summary>Nothing is stored, because the labels of one stream can't be parsed.</summary>
    UnreadableLabels,

    /// <summary>Unconfirmed: Loki may have stored any part of them, or may still do so.</summary>
    Unconfirmed,

    /// <summary>Ingestion is blocked for the tenant, or for a policy: streams of another policy are stored.</summary>
    Blocked,

    /// <summary>No push can succeed until somebody changes the configuration: hold everything and retry slowly.</summary>
    Misconfigured,
}
