namespace Shipper.Loki;

/// <summary>The reason why Loki's distributor refused entries. All other entries of the same request are stored.</summary>
internal enum RefusalKind
{
    /// <summary>Older than <c>reject_old_samples_max_age</c> by Loki's clock.</summary>
    TooOld,

    /// <summary>Further ahead of Loki's clock than <c>creation_grace_period</c>.</summary>
    TooNew,

    /// <summary>Longer than <c>max_line_size</c>.</summary>
    LineTooLong,

    /// <summary>Structured metadata is switched off, or the schema is older than v13.</summary>
    MetadataNotAllowed,

    /// <summary>More than <c>max_structured_metadata_size</c>.</summary>
    MetadataTooLarge,

    /// <summary>More than <c>max_structured_metadata_entries_count</c>.</summary>
    MetadataTooMany,

    /// <summary>The labels of a stream break a limit: all of its entries are refused.</summary>
    Labels,

    /// <summary>The tenant demands labels that a stream does not have: all of its entries are refused.</summary>
    LabelsMissing,
}
