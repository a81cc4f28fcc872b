using System.Buffers.Binary;
using System.IO.Hashing;
using System.Text;
using Shipper.Checkpoints.Operations;

namespace Shipper.Checkpoints;

/// <summary>Reads checkpoint files, including the intact part of a damaged file. <see cref="CheckpointFormat"/> has the grammar.</summary>
internal static class CheckpointReader
{
    /// <summary>Largest frame in bytes; a longer frame counts as damage.</summary>
    private const int MaxFrameBytes = 256 * 1024 * 1024;

    /// <summary>Reads a file, and applies its frames up to the first damaged one.</summary>
    /// <param name="file">The content of the whole file.</param>
    /// <param name="isEnded">True if the file contains the end marker of a snapshot.</param>
    /// <returns>Number of intact bytes; less than the file's length if the file is damaged.</returns>
    public static int Read(ReadOnlySpan<byte> file, CheckpointState state, out bool isEnded)
    {
        isEnded = false;
        if (!file.StartsWith(CheckpointFormat.Magic))
        {
            return 0;
        }

        int position = CheckpointFormat.Magic.Length;
        while (file.Length - position >= CheckpointFormat.FrameHeaderBytes)
        {
            ReadOnlySpan<byte> rest = file[position..];
            int length = BinaryPrimitives.ReadInt32LittleEndian(rest);
            if (length is <= 0 or > MaxFrameBytes || length > rest.Length - CheckpointFormat.FrameHeaderBytes)
            {
                break;
            }

            ReadOnlySpan<byte> payload = rest.Slice(CheckpointFormat.FrameHeaderBytes, length);

            // Try the frame on an empty state first, because a frame must be applied as a whole or not at all.
            if (Crc32.HashToUInt32(payload) != BinaryPrimitives.ReadUInt32LittleEndian(rest[4..])
                || !TryApply(payload, new CheckpointState(state.Operations), out _)
                || !TryApply(payload, state, out bool hasEnd))
            {
                break;
            }

            isEnded |= hasEnd;
            position += CheckpointFormat.FrameHeaderBytes + length;
        }

        return position;
    }

    private static bool TryApply(ReadOnlySpan<byte> payload, CheckpointState state, out bool isEnded)
    {
        isEnded = false;
        using var stream = new MemoryStream(payload.ToArray());
        using var reader = new BinaryReader(stream, Encoding.UTF8);
        try
        {
            while (stream.Position < stream.Length)
            {
                byte code = reader.ReadByte();
                if (state.Operations.Find(code) is not { } operation)
                {
                    // A newer version wrote this operation, and only that version knows where it ends.
                    return false;
                }

                operation.Replay(reader, state);
                isEnded |= code == SnapshotEnd.Code;
            }

            return true;
        }
        catch (Exception e) when (e is IOException or FormatException or ArgumentException)
        {
            // The CRC is right, but the payload makes no sense: another version of the agent wrote it.
            return false;
        }
    }
}
