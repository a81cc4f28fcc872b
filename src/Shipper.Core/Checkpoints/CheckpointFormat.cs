using System.Buffers.Binary;
using System.IO.Hashing;
using System.Text;
using Shipper.Loki;
using Shipper.Records;

namespace Shipper.Checkpoints;

/// <summary>
/// The bytes of the checkpoint files. A snapshot and a log are made of the same frames:
/// <code>
/// file      = "SHIPCKP1" *frame
/// frame     = length:uint32 crc32:uint32 payload      ; little endian; length and CRC-32 are the payload's
/// payload   = *operation                              ; all of it holds, or none
/// operation = 1 stream:varint key:string              ; a stream
///           / 2 stream:varint raw:varint sent:varint newest:varint           ; its clock; stream 0: all streams, also those of pushes that are about to go
///           / 3 generation:varint stream:varint logPath:string               ; a generation
///           / 4 generation:varint hash:uint64 length:varint inode:varint stdout:varint stderr:varint size:varint
///           / 5 generation:varint                     ; the generation is gone
///           / 6                                       ; the end of a snapshot
///           / 7                                       ; the first start is over: startAt was applied to what there was
///           / 8 attributes:varint outputs:byte selector:string length:varint *byte ; labels and metadata of records
///           / 9 generation:varint attributes:varint stdout:varint stderr:varint base:varint ; a push is about to go; the file is as long
///           / 10 path:string outputs:byte             ; of a log stdout (1) and stderr (2) are excluded; 4: it is gone
///           / 11 stream:varint cursor:string          ; the position of a stream of the journal
///           / 12 stream:varint count:varint *loss     ; all of its losses that are not reported yet
///           / 13 generation:varint lost:byte reason:string bytes:varint      ; dropped (0) or lost (1) of it, in all
///           / 14 stream:varint cursor:string          ; a push is about to go that ends there in the journal
///           / 15 boot:string                          ; the machine's boot; "-" once all is on its disk and the agent ends
///           / 16 stream:varint ( 0 / 1 window )       ; a push is about to go; its time window, or 0 if no time depends on one
///           / 20 generation:varint hash:uint64 offset:varint                 ; what stands before a position in it
///           / 21 generation:varint stream:varint logPath:string              ; it belongs to another stream now, or to another log of the same
///           / 22 path:string directory:string         ; rotation moves files of a log there
/// window    = from:varint to:varint newestTo:varint oldTo:varint present:varint maxBehind:varint
/// loss      = bytes:varint from:varint to:varint reasons:string logPath:string sent:varint [attributes:varint] ; sent 0: in no batch yet
/// </code>
/// Positions are absolute, so that an operation may be applied twice, and a log on top of a later snapshot. An operation on
/// what is not known is passed over: its definition was in a write that failed.
/// </summary>
internal static class CheckpointFormat
{
    public const int FrameHeaderBytes = 8;

    // Of no stream, in operation 2: agents that don't know it pass over it.
    public const int AllStreams = 0;

    // Of outputs, in operation 8: entries say theirs; lines of one are not wanted.
    public const int HasOutput = 1;
    public const int NoStdout = 2;
    public const int NoStderr = 4;

    // Of a log, in operation 10.
    private const int Gone = 4;

    public enum Operation : byte
    {
        Stream = 1,
        Clock = 2,
        Generation = 3,
        Position = 4,
        Gone = 5,
        End = 6,
        Started = 7,
        Attributes = 8,
        Sent = 9,
        Decision = 10,
        Cursor = 11,
        Losses = 12,
        Booking = 13,
        SentCursor = 14,
        Boot = 15,
        SentWindow = 16,
        Proof = 20,
        Move = 21,
        Directory = 22,
    }

    /// <summary>What a file begins with. The digit is the version of the format.</summary>
    public static ReadOnlySpan<byte> Magic => "SHIPCKP1"u8;

    public static void WriteStream(BinaryWriter writer, StreamCheckpoint stream)
    {
        writer.Write((byte)Operation.Stream);
        writer.Write7BitEncodedInt(stream.Id);
        writer.Write(stream.Key);
    }

    public static void WriteClock(BinaryWriter writer, StreamCheckpoint stream)
    {
        writer.Write((byte)Operation.Clock);
        writer.Write7BitEncodedInt(stream.Id);
        writer.Write7BitEncodedInt64(stream.Clock.LastRawNs);
        writer.Write7BitEncodedInt64(stream.Clock.LastSentNs);
        writer.Write7BitEncodedInt64(stream.Clock.NewestNs);
    }

    /// <param name="writer">Where to write.</param>
    /// <param name="newestNs">The newest time of a record that may have been sent, in nanoseconds since 1970.</param>
    public static void WriteNewestSent(BinaryWriter writer, long newestNs)
    {
        writer.Write((byte)Operation.Clock);
        writer.Write7BitEncodedInt(AllStreams);
        writer.Write7BitEncodedInt64(0);
        writer.Write7BitEncodedInt64(0);
        writer.Write7BitEncodedInt64(newestNs);
    }

    public static void WriteGeneration(BinaryWriter writer, StreamCheckpoint stream, GenerationCheckpoint generation)
    {
        writer.Write((byte)Operation.Generation);
        writer.Write7BitEncodedInt(generation.Id);
        writer.Write7BitEncodedInt(stream.Id);
        writer.Write(generation.LogPath);
    }

    public static void WritePosition(BinaryWriter writer, GenerationCheckpoint generation)
    {
        writer.Write((byte)Operation.Position);
        writer.Write7BitEncodedInt(generation.Id);
        writer.Write(generation.Identity.Hash);
        writer.Write7BitEncodedInt(generation.Identity.Length);
        writer.Write7BitEncodedInt64((long)generation.Inode);
        writer.Write7BitEncodedInt64(generation.Acknowledged.Stdout);
        writer.Write7BitEncodedInt64(generation.Acknowledged.Stderr);
        writer.Write7BitEncodedInt64(generation.Size);
    }

    public static void WriteProof(BinaryWriter writer, GenerationCheckpoint generation)
    {
        writer.Write((byte)Operation.Proof);
        writer.Write7BitEncodedInt(generation.Id);
        writer.Write(generation.Proof.Hash);
        writer.Write7BitEncodedInt64(generation.Proof.Offset);
    }

    public static void WriteMove(BinaryWriter writer, GenerationCheckpoint generation, StreamCheckpoint stream)
    {
        writer.Write((byte)Operation.Move);
        writer.Write7BitEncodedInt(generation.Id);
        writer.Write7BitEncodedInt(stream.Id);
        writer.Write(generation.LogPath);
    }

    public static void WriteGone(BinaryWriter writer, GenerationCheckpoint generation)
    {
        writer.Write((byte)Operation.Gone);
        writer.Write7BitEncodedInt(generation.Id);
    }

    public static void WriteAttributes(BinaryWriter writer, int id, StreamAttributes attributes)
    {
        writer.Write((byte)Operation.Attributes);
        writer.Write7BitEncodedInt(id);
        writer.Write((byte)((attributes.HasOutput ? HasOutput : 0) | (attributes.Rules.Excluded switch { LogOutput.Stdout => NoStdout, LogOutput.Stderr => NoStderr, _ => 0 })));
        writer.Write(attributes.Labels.Selector);
        writer.Write7BitEncodedInt(attributes.Metadata.Length);
        writer.Write(attributes.Metadata);
    }

    public static void WriteSent(BinaryWriter writer, GenerationCheckpoint generation, int attributes, SentRange sent)
    {
        writer.Write((byte)Operation.Sent);
        writer.Write7BitEncodedInt(generation.Id);
        writer.Write7BitEncodedInt(attributes);
        writer.Write7BitEncodedInt64(sent.End.Stdout);
        writer.Write7BitEncodedInt64(sent.End.Stderr);
        writer.Write7BitEncodedInt64(sent.BaseNs);
    }

    /// <param name="writer">Where to write.</param>
    /// <param name="path">Path of the series.</param>
    /// <param name="excluded">The decision; null where the log is gone.</param>
    public static void WriteDecision(BinaryWriter writer, string path, ExcludedOutputs? excluded)
    {
        writer.Write((byte)Operation.Decision);
        writer.Write(path);
        writer.Write((byte)(excluded is { } outputs ? (int)outputs : Gone));
    }

    public static void WriteDirectory(BinaryWriter writer, string path, string directory)
    {
        writer.Write((byte)Operation.Directory);
        writer.Write(path);
        writer.Write(directory);
    }

    public static void WriteCursor(BinaryWriter writer, StreamCheckpoint stream)
    {
        writer.Write((byte)Operation.Cursor);
        writer.Write7BitEncodedInt(stream.Id);
        writer.Write(stream.Cursor!);
    }

    public static void WriteSentCursor(BinaryWriter writer, StreamCheckpoint stream)
    {
        writer.Write((byte)Operation.SentCursor);
        writer.Write7BitEncodedInt(stream.Id);
        writer.Write(stream.SentCursor!);
    }

    public static void WriteBooking(BinaryWriter writer, GenerationCheckpoint generation, Booking booking)
    {
        writer.Write((byte)Operation.Booking);
        writer.Write7BitEncodedInt(generation.Id);
        writer.Write(booking.IsLost);
        writer.Write(booking.Reason);
        writer.Write7BitEncodedInt64(booking.Bytes);
    }

    /// <param name="writer">Where to write.</param>
    /// <param name="stream">The stream.</param>
    /// <param name="idOf">The numbers of attributes that were written before.</param>
    public static void WriteLosses(BinaryWriter writer, StreamCheckpoint stream, Func<StreamAttributes, int> idOf)
    {
        writer.Write((byte)Operation.Losses);
        writer.Write7BitEncodedInt(stream.Id);
        writer.Write7BitEncodedInt(stream.Losses.Length);
        foreach (Loss loss in stream.Losses)
        {
            writer.Write7BitEncodedInt64(loss.Bytes);
            writer.Write7BitEncodedInt64(loss.FromNs);
            writer.Write7BitEncodedInt64(loss.ToNs);
            writer.Write(loss.Reasons);
            writer.Write(loss.LogPath);
            writer.Write7BitEncodedInt64(loss.Attributes is null ? 0 : loss.SentNs);
            if (loss.Attributes is { } attributes)
            {
                writer.Write7BitEncodedInt(idOf(attributes));
            }
        }
    }

    public static void WriteSentWindow(BinaryWriter writer, StreamCheckpoint stream)
    {
        writer.Write((byte)Operation.SentWindow);
        writer.Write7BitEncodedInt(stream.Id);
        writer.Write(stream.SentWindow is not null);
        if (stream.SentWindow is { } window)
        {
            writer.Write7BitEncodedInt64(window.FromNs);
            writer.Write7BitEncodedInt64(window.ToNs);
            writer.Write7BitEncodedInt64(window.NewestToNs);
            writer.Write7BitEncodedInt64(window.OldToNs);
            writer.Write7BitEncodedInt64(window.PresentNs);
            writer.Write7BitEncodedInt64(window.MaxBehindNs);
        }
    }

    public static void WriteBoot(BinaryWriter writer, string boot)
    {
        writer.Write((byte)Operation.Boot);
        writer.Write(boot);
    }

    public static void WriteStarted(BinaryWriter writer) => writer.Write((byte)Operation.Started);

    /// <summary>Encodes a whole snapshot file of what is stored of a state.</summary>
    public static byte[] EncodeSnapshot(CheckpointState state)
    {
        using var stream = new MemoryStream();
        using var writer = new BinaryWriter(stream, Encoding.UTF8);
        var written = new HashSet<int>();
        writer.Write(Magic);
        writer.Write(0L);
        foreach (StreamCheckpoint checkpoint in state.Streams.Where(checkpoint => checkpoint.IsStored))
        {
            WriteStream(writer, checkpoint);
            WriteClock(writer, checkpoint);
            foreach (GenerationCheckpoint generation in checkpoint.Generations.Where(generation => generation.IsStored))
            {
                WriteGeneration(writer, checkpoint, generation);
                if (generation.Sent is { } sent && sent.IsBeyond(generation.Acknowledged))
                {
                    int id = state.IdOf(sent.Attributes, out _);
                    if (written.Add(id))
                    {
                        WriteAttributes(writer, id, sent.Attributes);
                    }

                    WriteSent(writer, generation, id, sent);
                }

                // Behind what was sent: that says of bytes which may be given up since.
                WritePosition(writer, generation);
                if (generation.Proof.IsKnown)
                {
                    WriteProof(writer, generation);
                }

                foreach (Booking booking in generation.Bookings)
                {
                    WriteBooking(writer, generation, booking);
                }
            }

            if (checkpoint.Cursor is not null)
            {
                WriteCursor(writer, checkpoint);
            }

            if (checkpoint.SentCursor is not null && checkpoint.SentCursor != checkpoint.Cursor)
            {
                WriteSentCursor(writer, checkpoint);
            }

            if (checkpoint.SentWindow is not null)
            {
                WriteSentWindow(writer, checkpoint);
            }

            if (checkpoint.Losses.Length > 0)
            {
                foreach (StreamAttributes attributes in checkpoint.Losses.Select(loss => loss.Attributes).OfType<StreamAttributes>())
                {
                    int id = state.IdOf(attributes, out _);
                    if (written.Add(id))
                    {
                        WriteAttributes(writer, id, attributes);
                    }
                }

                WriteLosses(writer, checkpoint, attributes => state.IdOf(attributes, out _));
            }
        }

        foreach ((string path, ExcludedOutputs excluded) in state.Decisions)
        {
            WriteDecision(writer, path, excluded);
        }

        // Of logs that are gone nobody asks.
        foreach ((string path, string directory) in state.Directories.Where(known => state.Streams.Any(stream => stream.Generations.Exists(generation => generation.LogPath == known.Key))))
        {
            WriteDirectory(writer, path, directory);
        }

        state.KeepAttributes(written);

        if (state.NewestSentNs != StreamClock.None)
        {
            WriteNewestSent(writer, state.NewestSentNs);
        }

        if (state.IsStarted)
        {
            WriteStarted(writer);
        }

        if (state.Boot is { } boot)
        {
            WriteBoot(writer, boot);
        }

        writer.Write((byte)Operation.End);
        writer.Flush();
        byte[] snapshot = stream.ToArray();
        SealFrame(snapshot.AsSpan(Magic.Length));
        return snapshot;
    }

    /// <summary>Completes a frame whose payload begins at <see cref="FrameHeaderBytes"/>.</summary>
    public static void SealFrame(Span<byte> frame)
    {
        ReadOnlySpan<byte> payload = frame[FrameHeaderBytes..];
        BinaryPrimitives.WriteInt32LittleEndian(frame, payload.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(frame[4..], Crc32.HashToUInt32(payload));
    }
}
