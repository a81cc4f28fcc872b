using Shipper.Checkpoints;
using Shipper.Delivery;
using Shipper.Tailing.Copies;

namespace Shipper.Agents;

/// <summary>State that an agent hands to its successor in the same process when the configuration changes. The checkpoints hold everything else.</summary>
/// <param name="StateLock">The lock of the state directory, so that no other process can take it in between.</param>
/// <param name="Files">The log files, by the number of their generation in the checkpoint. They stay open: a file deleted in the meantime is not lost.</param>
/// <param name="Health">Whether Loki accepts pushes, as far as the agent knows.</param>
/// <param name="IsSettled">False if the agent could not yet ask Loki whether the checkpoints are older than the data in Loki.</param>
internal sealed record Handover(StateLock StateLock, Dictionary<int, InheritedFile> Files, bool IsSettled, LokiHealth Health);
