namespace Shipper.Loki;

/// <summary>Whether records are sent with structured metadata: <c>loki.structuredMetadata</c> of the configuration.</summary>
internal enum StructuredMetadata
{
    /// <summary>Yes, unless Loki does not allow it.</summary>
    Auto,

    /// <summary>No.</summary>
    Off,
}
