using Microsoft.Extensions.Logging;

namespace Shipper.Telemetry;

/// <summary>What every stage needs.</summary>
/// <param name="Time">The clock.</param>
/// <param name="Loggers">Makes a stage's log.</param>
/// <param name="Metrics">The agent's.</param>
/// <param name="Heartbeat">Is told that a loop still turns.</param>
internal sealed record StageServices(TimeProvider Time, ILoggerFactory Loggers, AgentMetrics Metrics, Heartbeat Heartbeat);
