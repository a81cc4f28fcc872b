using Shipper.Checkpoints.Operations;

namespace Shipper.Checkpoints;

/// <summary>Changes of one kind, at most one for each stream.</summary>
internal sealed class StreamChanges<TChange, TValue> : Dictionary<StreamCheckpoint, TValue>, IChangeList
    where TChange : struct, ICheckpointChange<TChange>, IStreamFact<TChange, TValue>
{
    public bool IsEmpty => Count == 0;

    public void Commit(CheckpointWriter writer)
    {
        foreach ((StreamCheckpoint stream, TValue value) in this)
        {
            TChange.Of(stream, value).Commit(writer);
        }
    }
}
