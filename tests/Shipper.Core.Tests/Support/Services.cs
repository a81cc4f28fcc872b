using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Shipper.Checkpoints;
using Shipper.Tailing.Copies;
using Shipper.Tailing.Streams;
using Shipper.Taps;
using Shipper.Telemetry;

namespace Shipper.Core.Tests.Support;

/// <summary>Creates the services that stages need.</summary>
internal static class Services
{
    /// <summary>Creates the services of tailing.</summary>
    /// <param name="state">The state directory.</param>
    /// <param name="checkpoints">The checkpoints in it.</param>
    /// <param name="time">The clock.</param>
    /// <param name="metrics">The metrics.</param>
    /// <param name="loggers">Creates the loggers; null to log nothing.</param>
    /// <param name="open">The files that the previous agent had open.</param>
    /// <param name="taps">The open taps; null for none.</param>
    public static TailingServices ForTailing(
        string state, CheckpointStore checkpoints, TimeProvider time, AgentMetrics metrics, ILoggerFactory? loggers = null, Dictionary<int, InheritedFile>? open = null, TapRegistry? taps = null)
    {
        loggers ??= NullLoggerFactory.Instance;
        return new TailingServices(checkpoints, HeldCopies.Open(state, checkpoints, open, loggers.CreateLogger("Checkpoints"), metrics), time, loggers.CreateLogger("Tailing"), metrics) { Taps = taps ?? new TapRegistry(time) };
    }
}
