using System.Text;
using Shipper.Checkpoints.Operations;
using Shipper.Loki;

namespace Shipper.Checkpoints;

/// <summary>Applies changes in memory and writes them to the log, one frame per call. After a crash, a frame is applied as a whole or not at all.</summary>
/// <remarks>Not thread-safe; <see cref="CheckpointStore"/> guards it.</remarks>
internal sealed class CheckpointWriter : IDisposable
{
    private readonly CheckpointPair _pair;
    private readonly MemoryStream _frame = new();
    private readonly BinaryWriter _frameWriter;

    public CheckpointWriter(CheckpointState state, CheckpointPair pair)
    {
        State = state;
        _pair = pair;
        _frameWriter = new BinaryWriter(_frame, Encoding.UTF8);
    }

    /// <summary>The checkpoints in memory.</summary>
    public CheckpointState State { get; }

    /// <summary>Applies changes and writes them.</summary>
    public void Write(CheckpointChanges changes)
    {
        BeginFrame();
        changes.Commit(this);
        AppendFrame();
    }

    /// <summary>Applies one change and writes it.</summary>
    public void Write<TChange>(TChange change)
        where TChange : struct, ICheckpointChange<TChange>
    {
        BeginFrame();
        change.Commit(this);
        AppendFrame();
    }

    /// <summary>Appends an operation to the current frame.</summary>
    public void Append<TOperation>(TOperation operation)
        where TOperation : struct, ICheckpointOperation<TOperation>
    {
        _frameWriter.Write(TOperation.Code);
        operation.Write(_frameWriter, State);
    }

    /// <summary>Appends the definition of a stream, unless the files have it already.</summary>
    public void Define(StreamCheckpoint stream)
    {
        if (!stream.IsStored)
        {
            stream.IsStored = true;
            Append(new NewStream(stream.Id, stream.Key));
        }
    }

    /// <summary>Appends the definition of a generation with its ledger, and that of its stream, unless the files have them already.</summary>
    public void Define(StreamCheckpoint stream, GenerationCheckpoint generation)
    {
        Define(stream);
        if (!generation.IsStored)
        {
            generation.IsStored = true;
            Append(new NewGeneration(generation.Id, stream, generation.LogPath));
            foreach (LedgerEntry ledgerEntry in generation.LedgerEntries)
            {
                Append(new LedgerUpdate(generation, ledgerEntry));
            }
        }
    }

    /// <summary>Appends the definition of attributes, unless the files have it already.</summary>
    public void Define(StreamAttributes attributes)
    {
        int id = State.GetOrAddId(attributes, out bool isNew);
        if (!isNew)
        {
            return;
        }

        if (attributes.Rules.Text.Length == 0)
        {
            Append(new NewAttributes(id, attributes));
            return;
        }

        int rules = State.GetOrAddRulesId(attributes.Rules.Text, out bool areRulesNew);
        if (areRulesNew)
        {
            Append(new NewRules(rules, attributes.Rules.Text));
        }

        Append(new NewRuledAttributes(rules, new NewAttributes(id, attributes)));
    }

    public void Dispose() => _frameWriter.Dispose();

    private void BeginFrame()
    {
        _frame.SetLength(CheckpointFormat.FrameHeaderBytes);
        _frame.Position = CheckpointFormat.FrameHeaderBytes;
    }

    private void AppendFrame()
    {
        _frameWriter.Flush();
        Span<byte> frame = _frame.GetBuffer().AsSpan(0, (int)_frame.Length);
        if (frame.Length > CheckpointFormat.FrameHeaderBytes)
        {
            CheckpointFormat.SealFrame(frame);
            _pair.Append(frame);
        }
    }
}
