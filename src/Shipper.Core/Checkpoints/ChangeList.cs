using Shipper.Checkpoints.Operations;

namespace Shipper.Checkpoints;

/// <summary>Changes of one kind; all of them are committed.</summary>
internal sealed class ChangeList<TChange> : List<TChange>, IChangeList
    where TChange : struct, ICheckpointChange<TChange>
{
    public bool IsEmpty => Count == 0;

    public void Commit(CheckpointWriter writer)
    {
        foreach (TChange change in this)
        {
            change.Commit(writer);
        }
    }
}
