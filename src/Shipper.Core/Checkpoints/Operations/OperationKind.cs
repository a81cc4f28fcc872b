namespace Shipper.Checkpoints.Operations;

/// <summary>An entry of <see cref="OperationTable"/>: an operation that can be called without knowing its type.</summary>
internal abstract class OperationKind
{
    /// <inheritdoc cref="ICheckpointOperation{TSelf}.Code"/>
    public abstract byte Code { get; }

    /// <summary>Reads the bytes after the code and applies the change in memory.</summary>
    /// <exception cref="FormatException">The values are not ones that an agent writes.</exception>
    /// <exception cref="IOException">The bytes end too early.</exception>
    public abstract void Replay(BinaryReader reader, CheckpointState state);

    /// <inheritdoc cref="ICheckpointOperation{TSelf}.Save(SnapshotWriter)"/>
    public abstract void Save(SnapshotWriter snapshot);

    /// <inheritdoc cref="ICheckpointOperation{TSelf}.Save(SnapshotWriter, StreamCheckpoint)"/>
    public abstract void Save(SnapshotWriter snapshot, StreamCheckpoint stream);

    /// <inheritdoc cref="ICheckpointOperation{TSelf}.Save(SnapshotWriter, GenerationCheckpoint)"/>
    public abstract void Save(SnapshotWriter snapshot, GenerationCheckpoint generation);
}

/// <inheritdoc/>
internal sealed class OperationKind<TOperation> : OperationKind
    where TOperation : struct, ICheckpointOperation<TOperation>
{
    public override byte Code => TOperation.Code;

    public override void Replay(BinaryReader reader, CheckpointState state) => TOperation.Read(reader, state)?.Apply(state);

    public override void Save(SnapshotWriter snapshot) => TOperation.Save(snapshot);

    public override void Save(SnapshotWriter snapshot, StreamCheckpoint stream) => TOperation.Save(snapshot, stream);

    public override void Save(SnapshotWriter snapshot, GenerationCheckpoint generation) => TOperation.Save(snapshot, generation);
}
