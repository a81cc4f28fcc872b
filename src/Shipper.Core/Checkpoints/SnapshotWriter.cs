using System.Text;
using Shipper.Checkpoints.Operations;
using Shipper.Loki;

namespace Shipper.Checkpoints;

/// <summary>Encodes a whole snapshot: first what each operation saves for each stream, then what it saves once.</summary>
internal sealed class SnapshotWriter
{
    private readonly BinaryWriter _writer;
    private readonly HashSet<int> _attributes = [];
    private readonly HashSet<int> _rules = [];

    private SnapshotWriter(CheckpointState state, BinaryWriter writer)
    {
        State = state;
        _writer = writer;
    }

    /// <summary>The checkpoints in memory.</summary>
    public CheckpointState State { get; }

    /// <summary>Encodes a snapshot of the stored part of a state. Attributes that the snapshot does not need are forgotten.</summary>
    public static byte[] Encode(CheckpointState state)
    {
        using var stream = new MemoryStream();
        using var writer = new BinaryWriter(stream, Encoding.UTF8);
        writer.Write(CheckpointFormat.Magic);
        writer.Write(new byte[CheckpointFormat.FrameHeaderBytes]);
        var snapshot = new SnapshotWriter(state, writer);
        snapshot.Save();
        state.RetainAttributes(snapshot._attributes);
        state.RetainRules(snapshot._rules);
        writer.Flush();
        byte[] file = stream.ToArray();
        CheckpointFormat.SealFrame(file.AsSpan(CheckpointFormat.Magic.Length));
        return file;
    }

    /// <summary>Writes an operation.</summary>
    public void Write<TOperation>(TOperation operation)
        where TOperation : struct, ICheckpointOperation<TOperation>
    {
        _writer.Write(TOperation.Code);
        operation.Write(_writer, State);
    }

    /// <summary>Writes the definition of attributes, unless the snapshot has it already.</summary>
    public void Define(StreamAttributes attributes)
    {
        int id = State.GetOrAddId(attributes, out _);
        if (!_attributes.Add(id))
        {
            return;
        }

        if (attributes.Rules.Text.Length == 0)
        {
            Write(new NewAttributes(id, attributes));
            return;
        }

        int rules = State.GetOrAddRulesId(attributes.Rules.Text, out _);
        if (_rules.Add(rules))
        {
            Write(new NewRules(rules, attributes.Rules.Text));
        }

        Write(new NewRuledAttributes(rules, new NewAttributes(id, attributes)));
    }

    /// <summary>Writes everything that a snapshot keeps of a generation.</summary>
    public void Save(GenerationCheckpoint generation)
    {
        foreach (OperationKind kind in State.Operations.Kinds)
        {
            kind.Save(this, generation);
        }
    }

    private void Save()
    {
        foreach (StreamCheckpoint stream in State.Streams.Where(stream => stream.IsStored))
        {
            foreach (OperationKind kind in State.Operations.Kinds)
            {
                kind.Save(this, stream);
            }
        }

        foreach (OperationKind kind in State.Operations.Kinds)
        {
            kind.Save(this);
        }

        Write(default(SnapshotEnd));
    }
}
