namespace Shipper.Agents;

/// <summary>Levels of the agent's own log.</summary>
internal enum LogSeverity
{
    Debug,
    Info,
    Warn,
    Error,
}
