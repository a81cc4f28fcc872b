using Microsoft.Extensions.Logging;
using Shipper.Checkpoints;
using Shipper.Tailing.Copies;
using Shipper.Taps;
using Shipper.Telemetry;

namespace Shipper.Tailing.Streams;

/// <summary>The services that all parts of tailing share.</summary>
/// <param name="Copies">Saved copies of deleted files, and the open files of the previous agent in this process.</param>
/// <param name="Logger">Logger of the category <c>Tailing</c>.</param>
internal sealed record TailingServices(CheckpointStore Checkpoints, HeldCopies Copies, TimeProvider Time, ILogger Logger, AgentMetrics Metrics)
{
    /// <summary>The open taps.</summary>
    public TapRegistry Taps { get; init; } = new(Time);
}
