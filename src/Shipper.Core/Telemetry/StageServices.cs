using Microsoft.Extensions.Logging;

namespace Shipper.Telemetry;

/// <summary>The services that every stage uses.</summary>
/// <param name="Loggers">Creates the logger of a stage.</param>
/// <param name="Heartbeat">Receives the beats of the stages' loops.</param>
internal sealed record StageServices(TimeProvider Time, ILoggerFactory Loggers, AgentMetrics Metrics, Heartbeat Heartbeat);
