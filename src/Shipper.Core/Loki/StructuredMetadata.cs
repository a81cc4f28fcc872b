namespace Shipper.Loki;

/// <summary>Whether records are sent with structured metadata: <c>loki.structuredMetadata</c> of the configuration.</summary>
internal enum StructuredMetadata
{
    /// <summary>Send it, unless Loki does not allow it.</summary>
    Auto,

    /// <summary>Don't send it.</summary>
    Off,
}
