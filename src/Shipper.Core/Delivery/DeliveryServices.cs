using Microsoft.Extensions.Logging;
using Shipper.Loki;
using Shipper.Net;
using Shipper.Telemetry;

namespace Shipper.Delivery;

/// <summary>What everything that delivers works with.</summary>
/// <param name="Options">Section <c>loki</c> of the configuration.</param>
/// <param name="BackOff">How long to wait after a failure.</param>
/// <param name="Time">The clock.</param>
/// <param name="Logger">The stage's log.</param>
/// <param name="Metrics">The agent's.</param>
internal sealed record DeliveryServices(LokiOptions Options, BackOff BackOff, TimeProvider Time, ILogger Logger, AgentMetrics Metrics);
