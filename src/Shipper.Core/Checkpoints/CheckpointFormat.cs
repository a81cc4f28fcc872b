using System.Buffers.Binary;
using System.IO.Hashing;
using System.Text;
using Shipper.Batching;
using Shipper.Tailing;

namespace Shipper.Checkpoints;

/// <summary>
/// The bytes of the checkpoint files. A snapshot and a log are made of the same frames:
/// <code>
/// file      = "SHIPCKP1" *frame
/// frame     = length:uint32 crc32:uint32 payload      ; little endian; length and CRC-32 are the payload's
/// payload   = *operation                              ; all of it holds, or none
/// operation = 1 stream:varint key:string              ; a stream
///           / 2 stream:varint raw:varint sent:varint newest:varint           ; its clock
///           / 3 generation:varint stream:varint logPath:string               ; a generation
///           / 4 generation:varint hash:uint64 length:varint inode:varint stdout:varint stderr:varint size:varint
///           / 5 generation:varint                     ; the generation is gone
///           / 6                                       ; the end of a snapshot
///           / 7                                       ; the first start is over: startAt was applied to what there was
/// </code>
/// Positions are absolute, so that an operation may be applied twice, and a log on top of a later snapshot. An operation on
/// what is not known is passed over: its definition was in a write that failed.
/// </summary>
internal static class CheckpointFormat
{
    public const int FrameHeaderBytes = 8;

    /// <summary>A longer frame is taken for damage.</summary>
    private const int MaxFrameBytes = 256 * 1024 * 1024;

    private enum Operation : byte
    {
        Stream = 1,
        Clock = 2,
        Generation = 3,
        Position = 4,
        Gone = 5,
        End = 6,
        Started = 7,
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

    public static void WriteGone(BinaryWriter writer, GenerationCheckpoint generation)
    {
        writer.Write((byte)Operation.Gone);
        writer.Write7BitEncodedInt(generation.Id);
    }

    public static void WriteStarted(BinaryWriter writer) => writer.Write((byte)Operation.Started);

    /// <summary>Encodes a whole snapshot file of what is stored of a state.</summary>
    public static byte[] EncodeSnapshot(CheckpointState state)
    {
        using var stream = new MemoryStream();
        using var writer = new BinaryWriter(stream, Encoding.UTF8);
        writer.Write(Magic);
        writer.Write(0L);
        foreach (StreamCheckpoint checkpoint in state.Streams.Where(checkpoint => checkpoint.IsStored))
        {
            WriteStream(writer, checkpoint);
            WriteClock(writer, checkpoint);
            foreach (GenerationCheckpoint generation in checkpoint.Generations.Where(generation => generation.IsStored))
            {
                WriteGeneration(writer, checkpoint, generation);
                WritePosition(writer, generation);
            }
        }

        if (state.IsStarted)
        {
            WriteStarted(writer);
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

    /// <summary>Reads a file and applies its frames up to the first that is damaged.</summary>
    /// <param name="file">The whole content.</param>
    /// <param name="state">What the frames are applied to.</param>
    /// <param name="isEnded">True where the file ends as a snapshot must.</param>
    /// <returns>Bytes that were good; less than the file's length where it is damaged.</returns>
    public static int Read(ReadOnlySpan<byte> file, CheckpointState state, out bool isEnded)
    {
        isEnded = false;
        if (!file.StartsWith(Magic))
        {
            return 0;
        }

        int position = Magic.Length;
        while (file.Length - position >= FrameHeaderBytes)
        {
            ReadOnlySpan<byte> rest = file[position..];
            int length = BinaryPrimitives.ReadInt32LittleEndian(rest);
            if (length is <= 0 or > MaxFrameBytes || length > rest.Length - FrameHeaderBytes)
            {
                break;
            }

            ReadOnlySpan<byte> payload = rest.Slice(FrameHeaderBytes, length);
            if (Crc32.HashToUInt32(payload) != BinaryPrimitives.ReadUInt32LittleEndian(rest[4..])
                || !TryApply(payload, state, ref isEnded))
            {
                break;
            }

            position += FrameHeaderBytes + length;
        }

        return position;
    }

    private static bool TryApply(ReadOnlySpan<byte> payload, CheckpointState state, ref bool isEnded)
    {
        using var stream = new MemoryStream(payload.ToArray());
        using var reader = new BinaryReader(stream, Encoding.UTF8);
        try
        {
            while (stream.Position < stream.Length)
            {
                if (!TryApply(reader, state, ref isEnded))
                {
                    return false;
                }
            }

            return true;
        }
        catch (Exception e) when (e is IOException or FormatException or ArgumentException)
        {
            // The CRC holds and the payload does not make sense: written by another version.
            return false;
        }
    }

    private static bool TryApply(BinaryReader reader, CheckpointState state, ref bool isEnded)
    {
        switch ((Operation)reader.ReadByte())
        {
            case Operation.Stream:
                state.AddStream(reader.Read7BitEncodedInt(), reader.ReadString());
                return true;
            case Operation.Clock:
                state.SetClock(
                    reader.Read7BitEncodedInt(),
                    new StreamClock(reader.Read7BitEncodedInt64(), reader.Read7BitEncodedInt64(), reader.Read7BitEncodedInt64()));
                return true;
            case Operation.Generation:
                state.AddGeneration(reader.Read7BitEncodedInt(), reader.Read7BitEncodedInt(), reader.ReadString());
                return true;
            case Operation.Position:
                return state.SetPosition(
                    reader.Read7BitEncodedInt(),
                    new FileIdentity(reader.ReadUInt64(), reader.Read7BitEncodedInt()),
                    (ulong)reader.Read7BitEncodedInt64(),
                    new Offsets(reader.Read7BitEncodedInt64(), reader.Read7BitEncodedInt64()),
                    reader.Read7BitEncodedInt64());
            case Operation.Gone:
                state.RemoveGeneration(reader.Read7BitEncodedInt());
                return true;
            case Operation.End:
                isEnded = true;
                return true;
            case Operation.Started:
                state.IsStarted = true;
                return true;
            default:
                return false;
        }
    }
}
