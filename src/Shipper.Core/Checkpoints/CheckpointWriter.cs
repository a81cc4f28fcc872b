using System.Text;
using Shipper.Loki;

namespace Shipper.Checkpoints;

/// <summary>Makes changes in memory and writes them to the log. Each call writes one frame: after a crash all of it holds, or none.</summary>
/// <remarks>Not thread-safe; <see cref="CheckpointStore"/> guards it.</remarks>
internal sealed class CheckpointWriter : IDisposable
{
    private readonly CheckpointState _state;
    private readonly CheckpointPair _pair;
    private readonly MemoryStream _frame = new();
    private readonly BinaryWriter _frameWriter;

    /// <param name="state">The checkpoints in memory.</param>
    /// <param name="pair">The files.</param>
    public CheckpointWriter(CheckpointState state, CheckpointPair pair)
    {
        _state = state;
        _pair = pair;
        _frameWriter = new BinaryWriter(_frame, Encoding.UTF8);
    }

    /// <summary>Makes changes and writes them.</summary>
    public void Write(CheckpointChanges changes)
    {
        BeginFrame();
        foreach ((GenerationCheckpoint generation, StreamCheckpoint stream, string logPath) in changes.Moves)
        {
            _state.AddStream(stream);
            _state.MoveGeneration(generation.Id, stream.Id, logPath);
            if (generation.IsStored)
            {
                WriteDefinition(stream);
                CheckpointFormat.WriteMove(_frameWriter, generation, stream);
            }
        }

        foreach ((StreamCheckpoint stream, CheckpointUpdate update) in changes.Updates)
        {
            WriteDefinitions(stream, update.Generation);
            update.Generation.Identity = update.Identity;
            update.Generation.Inode = update.Inode;
            update.Generation.Acknowledged = update.Acknowledged ?? update.Generation.Acknowledged;
            update.Generation.Size = update.Size;
            CheckpointFormat.WritePosition(_frameWriter, update.Generation);
            if (update.Proof.IsKnown && update.Proof != update.Generation.Proof)
            {
                update.Generation.Proof = update.Proof;
                CheckpointFormat.WriteProof(_frameWriter, update.Generation);
            }
        }

        foreach ((GenerationCheckpoint generation, SentRange sent) in changes.Sent)
        {
            generation.SetSent(sent);
            CheckpointFormat.WriteSent(_frameWriter, generation, WriteDefinition(sent.Attributes), sent);
        }

        if (changes.NewestSentNs > _state.NewestSentNs)
        {
            _state.NewestSentNs = changes.NewestSentNs;
            CheckpointFormat.WriteNewestSent(_frameWriter, changes.NewestSentNs);
        }

        foreach ((StreamCheckpoint stream, TimeWindow? window) in changes.Windows)
        {
            stream.SentWindow = window;
            WriteDefinition(stream);
            CheckpointFormat.WriteSentWindow(_frameWriter, stream);
        }

        foreach ((GenerationCheckpoint generation, Booking booking) in changes.Bookings)
        {
            Booking total = generation.Book(booking);
            if (generation.IsStored)
            {
                CheckpointFormat.WriteBooking(_frameWriter, generation, total);
            }
        }

        foreach ((StreamCheckpoint stream, string cursor) in changes.Cursors)
        {
            stream.Cursor = cursor;
            WriteDefinition(stream);
            CheckpointFormat.WriteCursor(_frameWriter, stream);
        }

        foreach ((StreamCheckpoint stream, string cursor) in changes.SentCursors)
        {
            stream.SentCursor = cursor;
            WriteDefinition(stream);
            CheckpointFormat.WriteSentCursor(_frameWriter, stream);
        }

        foreach ((StreamCheckpoint stream, Loss[] losses) in changes.Losses)
        {
            // Its last generation may be gone, and the stream with it.
            _state.AddStream(stream);
            stream.Losses = losses;
            WriteDefinition(stream);
            foreach (StreamAttributes attributes in losses.Select(loss => loss.Attributes).OfType<StreamAttributes>())
            {
                WriteDefinition(attributes);
            }

            CheckpointFormat.WriteLosses(_frameWriter, stream, attributes => _state.IdOf(attributes, out _));
        }

        foreach ((StreamCheckpoint stream, StreamClock clock) in changes.Clocks)
        {
            stream.Clock = clock;
            if (stream.IsStored)
            {
                CheckpointFormat.WriteClock(_frameWriter, stream);
            }
        }

        foreach (GenerationCheckpoint generation in changes.Removals)
        {
            if (generation.IsStored)
            {
                CheckpointFormat.WriteGone(_frameWriter, generation);
                generation.IsStored = false;
            }

            if (_state.RemoveGeneration(generation.Id) is { } stream)
            {
                _state.RemoveIfEmpty(stream);
            }
        }

        AppendFrame();
    }

    /// <summary>Writes an operation that was applied to the state already.</summary>
    public void Write(Action<BinaryWriter> operation)
    {
        BeginFrame();
        operation(_frameWriter);
        AppendFrame();
    }

    public void Dispose() => _frameWriter.Dispose();

    private void BeginFrame()
    {
        _frame.SetLength(CheckpointFormat.FrameHeaderBytes);
        _frame.Position = CheckpointFormat.FrameHeaderBytes;
    }

    private void WriteDefinitions(StreamCheckpoint stream, GenerationCheckpoint generation)
    {
        WriteDefinition(stream);
        if (!generation.IsStored)
        {
            generation.IsStored = true;
            CheckpointFormat.WriteGeneration(_frameWriter, stream, generation);
            foreach (Booking booking in generation.Bookings)
            {
                CheckpointFormat.WriteBooking(_frameWriter, generation, booking);
            }
        }
    }

    /// <returns>Their number.</returns>
    private int WriteDefinition(StreamAttributes attributes)
    {
        int id = _state.IdOf(attributes, out bool isNew);
        if (isNew)
        {
            CheckpointFormat.WriteAttributes(_frameWriter, id, attributes);
        }

        return id;
    }

    private void WriteDefinition(StreamCheckpoint stream)
    {
        if (!stream.IsStored)
        {
            stream.IsStored = true;
            CheckpointFormat.WriteStream(_frameWriter, stream);
        }
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
