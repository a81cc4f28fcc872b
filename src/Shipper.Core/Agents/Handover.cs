using Shipper.Checkpoints;
using Shipper.Tailing.Copies;

namespace Shipper.Agents;

/// <summary>
/// What an agent leaves to the one that takes its place in the same process with another configuration. Everything else stands in the checkpoints.
/// </summary>
/// <param name="StateLock">The lock of the state directory, so that nobody comes between.</param>
/// <param name="Files">What was known of the files, by the number of their generation in the checkpoint: open, so that what is deleted meanwhile is not lost.</param>
/// <param name="IsSettled">False if Loki could not be asked yet whether the checkpoints are older than what it has.</param>
internal sealed record Handover(StateLock StateLock, Dictionary<int, OpenFile> Files, bool IsSettled);
