namespace Shipper.Checkpoints.Operations;

/// <summary>All operations. A new fact adds its line here.</summary>
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
        // In the order of a snapshot: of the streams, then of each generation of a stream, then of the whole.
        new OperationKind<Decision>(),
        new OperationKind<RotationDirectory>(),
        new OperationKind<NewStream>(),
        new OperationKind<Clock>(),
        new OperationKind<NewGeneration>(),
        new OperationKind<NewAttributes>(),

        // The position is behind what was sent, which says of bytes that they are there; some may be given up since.
        new OperationKind<Sent>(),
        new OperationKind<Position>(),
        new OperationKind<Proof>(),
        new OperationKind<Booked>(),
        new OperationKind<Cursor>(),
        new OperationKind<SentCursor>(),
        new OperationKind<Window>(),
        new OperationKind<Losses>(),
        new OperationKind<Started>(),
        new OperationKind<Boot>(),

        // In no snapshot.
        new OperationKind<Move>(),
        new OperationKind<Gone>(),

        // SnapshotWriter writes it last.
        new OperationKind<SnapshotEnd>(),
    ]);

    /// <summary>The operations, in the order of a snapshot.</summary>
    public IReadOnlyList<OperationKind> Kinds { get; }

    /// <summary>The operation with that code; null if this version knows none.</summary>
    public OperationKind? Find(byte code) => _byCode[code];
}
