namespace Shipper.Checkpoints.Operations;

/// <summary>
/// One fact in the checkpoint files. The file of the operation has everything about the fact: the code, the bytes after the code, how they change the memory,
/// and how a snapshot stores the fact. <see cref="OperationTable"/> lists all operations.
/// </summary>
/// <remarks>
/// The remarks of each operation have the grammar of its bytes. <c>varint</c> is a number in groups of 7 bits, lowest first. <c>string</c> is UTF-8 after
/// its length in bytes as a varint. <c>uint64</c> is little-endian. <c>stream</c>, <c>generation</c> and <c>attributes</c> are varints: ids that earlier
/// operations have assigned. Values are absolute, so applying an operation twice does no harm.
/// </remarks>
/// <typeparam name="TSelf">The operation itself.</typeparam>
internal interface ICheckpointOperation<TSelf>
    where TSelf : struct, ICheckpointOperation<TSelf>
{
    /// <summary>The first byte of the operation in the files.</summary>
    static abstract byte Code { get; }

    /// <summary>Reads the bytes after the code.</summary>
    /// <returns>Null if the operation refers to something unknown because the write of its definition failed. Such an operation is skipped.</returns>
    /// <exception cref="FormatException">The values are not ones that an agent writes.</exception>
    /// <exception cref="IOException">The bytes end too early.</exception>
    static abstract TSelf? Read(BinaryReader reader, CheckpointState state);

    /// <summary>Writes the bytes after the code.</summary>
    void Write(BinaryWriter writer, CheckpointState state);

    /// <summary>Applies the change in memory.</summary>
    void Apply(CheckpointState state);

    /// <summary>Writes to a snapshot everything that belongs to no stream. Called after all streams have been written.</summary>
    static virtual void Save(SnapshotWriter snapshot)
    {
    }

    /// <summary>Writes to a snapshot everything that belongs to one stream.</summary>
    static virtual void Save(SnapshotWriter snapshot, StreamCheckpoint stream)
    {
    }

    /// <summary>Writes to a snapshot everything that belongs to one generation.</summary>
    static virtual void Save(SnapshotWriter snapshot, GenerationCheckpoint generation)
    {
    }
}
