namespace Shipper.Tests.Faults;

/// <summary>A line as Loki has stored it.</summary>
/// <param name="TimestampNs">Its time in nanoseconds since the Unix epoch.</param>
internal readonly record struct StoredLine(long TimestampNs, string Text)
{
    /// <summary>Prefix of the entries that the agent itself generates.</summary>
    public const string MarkerPrefix = "shipper: ";

    /// <summary>True if the entry reports a loss and is not one of the pod's lines.</summary>
    public bool IsMarker => Text.StartsWith(MarkerPrefix, StringComparison.Ordinal);
}
