namespace Shipper.Checkpoints.Operations;

/// <summary>
/// One fact that the checkpoint files hold. All that is particular to a fact is in the file of its operation: its code, the bytes behind the code, what they
/// change in memory, and what a snapshot has of it. <see cref="OperationTable"/> lists all operations.
/// </summary>
/// <remarks>
/// Each operation states the grammar of its bytes in its remarks. <c>varint</c> is a number in groups of 7 bits, lowest first. <c>string</c> is UTF-8 behind its
/// length in bytes as a varint. <c>uint64</c> is little-endian. <c>stream</c>, <c>generation</c> and <c>attributes</c> are varints: the ids that earlier
/// operations have given. Values are absolute, so that applying an operation twice does no harm.
/// </remarks>
/// <typeparam name="TSelf">The operation itself.</typeparam>
internal interface ICheckpointOperation<TSelf>
    where TSelf : struct, ICheckpointOperation<TSelf>
{
    /// <summary>The byte that the operation begins with in the files.</summary>
    static abstract byte Code { get; }

    /// <summary>Reads the bytes behind the code.</summary>
    /// <returns>Null if the operation refers to something unknown: a write that failed had its definition. It is skipped.</returns>
    /// <exception cref="FormatException">No agent writes these values.</exception>
    /// <exception cref="IOException">The bytes end too early.</exception>
    static abstract TSelf? Read(BinaryReader reader, CheckpointState state);

    /// <summary>Writes the bytes behind the code.</summary>
    void Write(BinaryWriter writer, CheckpointState state);

    /// <summary>Makes the change in memory.</summary>
    void Apply(CheckpointState state);

    /// <summary>Writes to a snapshot what belongs to no stream. All streams are in it already.</summary>
    static virtual void Save(SnapshotWriter snapshot)
    {
    }

    /// <summary>Writes to a snapshot what it has of one stream.</summary>
    static virtual void Save(SnapshotWriter snapshot, StreamCheckpoint stream)
    {
    }

    /// <summary>Writes to a snapshot what it has of one generation.</summary>
    static virtual void Save(SnapshotWriter snapshot, GenerationCheckpoint generation)
    {
    }
}
