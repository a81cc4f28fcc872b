namespace Shipper.Agents;

/// <summary>Formats of the agent's own log.</summary>
internal enum OwnLogFormat
{
    /// <summary>One JSON object per line.</summary>
    Json,

    /// <summary>One line of text per event.</summary>
    Text,
}
