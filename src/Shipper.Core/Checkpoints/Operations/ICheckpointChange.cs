namespace Shipper.Checkpoints.Operations;

/// <summary>An operation that the agent commits on its own; the others only accompany these.</summary>
/// <typeparam name="TSelf">The operation itself.</typeparam>
internal interface ICheckpointChange<TSelf> : ICheckpointOperation<TSelf>
    where TSelf : struct, ICheckpointChange<TSelf>
{
    /// <summary>Makes the change in memory and writes it to the current frame, behind the definitions of what it refers to.</summary>
    void Commit(CheckpointWriter writer);
}
