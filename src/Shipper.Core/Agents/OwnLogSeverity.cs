namespace Shipper.Agents;

/// <summary>Levels of the agent's own log.</summary>
internal enum OwnLogSeverity
{
    Debug,
    Info,
    Warn,
    Error,
}
