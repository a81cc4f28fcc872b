using Microsoft.Extensions.Logging;
using Shipper.Loki;
using Shipper.Net;
using Shipper.Telemetry;

namespace Shipper.Delivery;

/// <summary>The dependencies that all classes of the delivery share.</summary>
/// <param name="Options">Section <c>loki</c> of the configuration.</param>
/// <param name="BackOff">Computes how long to wait after a failure.</param>
internal sealed record DeliveryServices(LokiOptions Options, BackOff BackOff, TimeProvider Time, ILogger Logger, AgentMetrics Metrics);
