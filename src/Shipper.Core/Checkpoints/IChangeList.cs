namespace Shipper.Checkpoints;

/// <summary>The changes of one kind in <see cref="CheckpointChanges"/>.</summary>
internal interface IChangeList
{
    bool IsEmpty { get; }

    void Clear();

    /// <summary>Applies the changes in memory and writes them to the current frame.</summary>
    void Commit(CheckpointWriter writer);
}
