namespace Shipper.Tests.Faults;

/// <summary>A line as Loki has it.</summary>
/// <param name="TimestampNs">Its time.</param>
/// <param name="Text">The line.</param>
internal readonly record struct StoredLine(long TimestampNs, string Text)
{
    /// <summary>What entries begin with that the agent makes itself.</summary>
    public const string MarkerPrefix = "shipper: ";

    /// <summary>Whether it tells of a loss instead of being one of a pod's lines.</summary>
    public bool IsMarker => Text.StartsWith(MarkerPrefix, StringComparison.Ordinal);
}
