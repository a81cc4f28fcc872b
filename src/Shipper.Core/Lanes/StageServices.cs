using Microsoft.Extensions.Logging;
using Shipper.Taps;
using Shipper.Telemetry;

namespace Shipper.Lanes;

/// <summary>The services that every stage uses.</summary>
/// <param name="Loggers">Creates the logger of a stage.</param>
/// <param name="Heartbeat">Receives the beats of the stages' loops.</param>
internal sealed record StageServices(TimeProvider Time, ILoggerFactory Loggers, AgentMetrics Metrics, Heartbeat Heartbeat)
{
    /// <summary>The open taps. An agent that takes over after a reload gets the same ones.</summary>
    public TapRegistry Taps { get; init; } = new(Time);
}
