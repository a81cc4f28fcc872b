using Microsoft.Extensions.Logging;
using Shipper.Delivery;
using Shipper.Loki;
using Shipper.Net;
using Shipper.Telemetry;

namespace Shipper.Core.Tests.Support;

/// <summary>Creates senders with default options.</summary>
internal static class Senders
{
    public static Sender Create(IPushClient client, TimeProvider time, ILoggerFactory loggers, AgentMetrics metrics, LokiOptions? options = null)
    {
        options ??= new LokiOptions();
        return new Sender(client, new DeliveryServices(options, new BackOff(options.Retry.Initial, options.Retry.Max, time), time, loggers.CreateLogger("Delivery"), metrics));
    }
}
