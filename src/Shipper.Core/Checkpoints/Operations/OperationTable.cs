namespace Shipper.Checkpoints.Operations;

/// <summary>Lists all operations. A new operation needs a line here.</summary>
internal sealed class OperationTable
{
    private readonly OperationKind?[] _byCode = new OperationKind?[byte.MaxValue + 1];

    public OperationTable(IReadOnlyList<OperationKind> kinds)
    {
        Kinds = kinds;
        foreach (OperationKind kind in kinds)
        {
            _byCode[kind.Code] = kind;
        }
    }

    /// <summary>The operations of this version.</summary>
    public static OperationTable Default { get; } = new(
    [
        // In the order of a snapshot: operations of each stream, operations of each of its generations, and operations that occur once.
        new OperationKind<ExcludedOutputsChange>(),
        new OperationKind<RotationDirectory>(),
        new OperationKind<NewStream>(),
        new OperationKind<Clock>(),
        new OperationKind<StreamMemory>(),
        new OperationKind<NewGeneration>(),
        new OperationKind<NewRules>(),
        new OperationKind<NewAttributes>(),
        new OperationKind<NewRuledAttributes>(),

        // Position must follow Sent. Applying Sent raises the size to the end of the push, but the size may have shrunk after that, when bytes were given up.
        new OperationKind<SentPosition>(),
        new OperationKind<Position>(),
        new OperationKind<Proof>(),
        new OperationKind<LedgerUpdate>(),
        new OperationKind<Cursor>(),
        new OperationKind<SentCursor>(),
        new OperationKind<Window>(),
        new OperationKind<Losses>(),
        new OperationKind<FirstStartEnd>(),
        new OperationKind<Boot>(),

        // Never in a snapshot.
        new OperationKind<GenerationMove>(),
        new OperationKind<GenerationRemoval>(),

        // SnapshotWriter writes it last.
        new OperationKind<SnapshotEnd>(),
    ]);

    /// <summary>The operations, in the order of a snapshot.</summary>
    public IReadOnlyList<OperationKind> Kinds { get; }

    /// <summary>Returns the operation with a code; null if this version does not know it.</summary>
    public OperationKind? Find(byte code) => _byCode[code];
}
