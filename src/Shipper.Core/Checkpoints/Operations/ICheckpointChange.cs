namespace Shipper.Checkpoints.Operations;

/// <summary>An operation that the agent can commit on its own. All others only accompany such an operation.</summary>
/// <typeparam name="TSelf">The operation itself.</typeparam>
internal interface ICheckpointChange<TSelf> : ICheckpointOperation<TSelf>
    where TSelf : struct, ICheckpointChange<TSelf>
{
    /// <summary>Applies the change in memory, and writes it to the current frame after the definitions that it needs.</summary>
    void Commit(CheckpointWriter writer);
}
