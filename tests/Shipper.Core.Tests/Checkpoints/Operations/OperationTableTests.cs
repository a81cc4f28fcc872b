using Microsoft.Extensions.Logging.Abstractions;
using Shipper.Checkpoints;
using Shipper.Checkpoints.Operations;
using Shipper.Core.Tests.Support;
using Shipper.Telemetry;

namespace Shipper.Core.Tests.Checkpoints.Operations;

public class OperationTableTests
{
    [Fact]
    public void Default_AllOperations_HasEachOnceWithUniqueCode()
    {
        IEnumerable<Type> operations = typeof(OperationTable).Assembly.GetTypes().Where(type => type.IsValueType && type.GetInterfaces().Any(
            known => known.IsGenericType && known.GetGenericTypeDefinition() == typeof(ICheckpointOperation<>)));
        IReadOnlyList<OperationKind> kinds = OperationTable.Default.Kinds;

        Assert.Equal(
            operations.Select(type => type.Name).Order(StringComparer.Ordinal),
            kinds.Select(kind => kind.GetType().GenericTypeArguments[0].Name).Order(StringComparer.Ordinal));
        Assert.Distinct(kinds.Select(kind => kind.Code));
        Assert.All(kinds, kind => Assert.Same(kind, OperationTable.Default.Find(kind.Code)));
    }

    /// <summary>A new operation needs only a file of its own, here <see cref="Colour"/>, and a line in the table.</summary>
    [Fact]
    public void Read_AdditionalOperation_RestoresItFromLogAndSnapshot()
    {
        using var directory = new TemporaryDirectory();
        var table = new OperationTable([.. OperationTable.Default.Kinds, new OperationKind<Colour>()]);
        var state = new CheckpointState(table);
        Commit(directory, state, "red");
        byte[] log = File.ReadAllBytes(directory["checkpoint-000001.log"]);

        var read = new CheckpointState(table);
        Assert.Equal(log.Length, CheckpointReader.Read(log, read, out _));
        Assert.Equal("red", Colour.Of(read.FindStream("ns/a/c")!));

        byte[] snapshot = SnapshotWriter.Encode(state);
        var again = new CheckpointState(table);
        Assert.Equal(snapshot.Length, CheckpointReader.Read(snapshot, again, out bool isEnded));
        Assert.True(isEnded);
        Assert.Equal("red", Colour.Of(again.FindStream("ns/a/c")!));
    }

    /// <summary>Only a newer version knows where its operation ends: its frame and all later ones are skipped. A snapshot with it is not used.</summary>
    [Fact]
    public void Read_UnknownOperation_StopsAtItsFrame()
    {
        using var directory = new TemporaryDirectory();
        var state = new CheckpointState(new OperationTable([.. OperationTable.Default.Kinds, new OperationKind<Colour>()]));
        Commit(directory, state, null, "red", null);
        byte[] log = File.ReadAllBytes(directory["checkpoint-000001.log"]);

        var read = new CheckpointState();
        int good = CheckpointReader.Read(log, read, out _);

        Assert.InRange(good, CheckpointFormat.Magic.Length + 1, log.Length - 1);
        Assert.Equal("0", read.FindStream("journal:/j")!.Cursor);
        Assert.Null(read.FindStream("ns/a/c"));
        _ = CheckpointReader.Read(SnapshotWriter.Encode(state), new CheckpointState(), out bool isEnded);
        Assert.False(isEnded);
    }

    /// <summary>Commits one frame for each colour; each frame also sets a cursor that counts the frames.</summary>
    private static void Commit(TemporaryDirectory directory, CheckpointState state, params string?[] colours)
    {
        using var pair = new CheckpointPair(directory, () => SnapshotWriter.Encode(state), NullLogger.Instance, new AgentMetrics());
        using var writer = new CheckpointWriter(state, pair);
        pair.Begin(0, 0);
        for (int i = 0; i < colours.Length; i++)
        {
            var changes = new CheckpointChanges();
            changes.Cursors.Add(new(state.GetOrAddStream("journal:/j"), $"{i}"));
            if (colours[i] is { } colour)
            {
                changes.Add(new Colour(state.GetOrAddStream("ns/a/c"), colour));
            }

            Assert.False(changes.IsEmpty);
            writer.Write(changes);
            changes.Clear();
            Assert.True(changes.IsEmpty);
        }
    }
}
