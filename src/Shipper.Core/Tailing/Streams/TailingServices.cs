using Microsoft.Extensions.Logging;
using Shipper.Checkpoints;
using Shipper.Tailing.Copies;
using Shipper.Telemetry;

namespace Shipper.Tailing.Streams;

/// <summary>What every part of tailing needs.</summary>
/// <param name="Checkpoints">The checkpoints.</param>
/// <param name="Copies">Saved copies of deleted files, and files that the previous agent in this process had open.</param>
/// <param name="Time">The clock.</param>
/// <param name="Logger">Category <c>Tailing</c>.</param>
/// <param name="Metrics">The agent's.</param>
internal sealed record TailingServices(CheckpointStore Checkpoints, HeldCopies Copies, TimeProvider Time, ILogger Logger, AgentMetrics Metrics);
