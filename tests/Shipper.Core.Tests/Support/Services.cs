using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Shipper.Checkpoints;
using Shipper.Tailing.Copies;
using Shipper.Tailing.Streams;
using Shipper.Telemetry;

namespace Shipper.Core.Tests.Support;

/// <summary>Makes what stages need.</summary>
internal static class Services
{
    /// <summary>What every part of tailing needs.</summary>
    /// <param name="state">The state directory.</param>
    /// <param name="checkpoints">The checkpoints in it.</param>
    /// <param name="time">The clock.</param>
    /// <param name="metrics">The metrics.</param>
    /// <param name="loggers">The logs; null for none.</param>
    /// <param name="open">What the previous agent had open.</param>
    public static TailingServices ForTailing(
        string state, CheckpointStore checkpoints, TimeProvider time, AgentMetrics metrics, ILoggerFactory? loggers = null, Dictionary<int, OpenFile>? open = null)
    {
        loggers ??= NullLoggerFactory.Instance;
        return new TailingServices(checkpoints, HeldCopies.Open(state, checkpoints, open, loggers.CreateLogger("Checkpoints"), metrics), time, loggers.CreateLogger("Tailing"), metrics);
    }
}
