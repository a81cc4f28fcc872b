using System.Buffers.Binary;
using System.IO.Hashing;
using System.Text;
using Shipper.Content;
using Shipper.Loki;
using Shipper.Processing;
using Shipper.Records;

namespace Shipper.Checkpoints;

/// <summary>Reads the checkpoint files, whose grammar <see cref="CheckpointFormat"/> has: all that a damaged file still tells, and no more.</summary>
internal static class CheckpointReader
{
    /// <summary>
    /// A number that is not above 0 or is larger is none that the agent gave: it counts, and begins behind the largest that it reads.
    /// </summary>
    private const int MaxId = int.MaxValue / 2;

    /// <summary>A longer frame is taken for damage.</summary>
    private const int MaxFrameBytes = 256 * 1024 * 1024;

    /// <summary>Reads a file and applies its frames up to the first that is damaged.</summary>
    /// <param name="file">The whole content.</param>
    /// <param name="state">What the frames are applied to.</param>
    /// <param name="isEnded">True where the file ends as a snapshot must.</param>
    /// <returns>Bytes that were good; less than the file's length where it is damaged.</returns>
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

            // Into a state of its own first: all of a frame holds, or none.
            if (Crc32.HashToUInt32(payload) != BinaryPrimitives.ReadUInt32LittleEndian(rest[4..])
                || !TryApply(payload, new CheckpointState(), out _)
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
        switch ((CheckpointFormat.Operation)reader.ReadByte())
        {
            case CheckpointFormat.Operation.Stream:
                state.AddStream(ReadId(reader), reader.ReadString());
                return true;
            case CheckpointFormat.Operation.Clock:
                state.SetClock(
                    reader.Read7BitEncodedInt(),
                    new StreamClock(reader.Read7BitEncodedInt64(), reader.Read7BitEncodedInt64(), reader.Read7BitEncodedInt64()));
                return true;
            case CheckpointFormat.Operation.Generation:
                state.AddGeneration(ReadId(reader), reader.Read7BitEncodedInt(), reader.ReadString());
                return true;
            case CheckpointFormat.Operation.Position:
                return state.SetPosition(
                    reader.Read7BitEncodedInt(),
                    new FileIdentity(reader.ReadUInt64(), reader.Read7BitEncodedInt()),
                    (ulong)reader.Read7BitEncodedInt64(),
                    new Offsets(reader.Read7BitEncodedInt64(), reader.Read7BitEncodedInt64()),
                    reader.Read7BitEncodedInt64());
            case CheckpointFormat.Operation.Proof:
                int proven = reader.Read7BitEncodedInt();
                ulong hash = reader.ReadUInt64();
                return state.SetProof(proven, new FileProof(reader.Read7BitEncodedInt64(), hash));
            case CheckpointFormat.Operation.Move:
                state.MoveGeneration(reader.Read7BitEncodedInt(), reader.Read7BitEncodedInt(), reader.ReadString());
                return true;
            case CheckpointFormat.Operation.Directory:
                state.Directories[reader.ReadString()] = reader.ReadString();
                return true;
            case CheckpointFormat.Operation.Gone:
                state.RemoveGeneration(reader.Read7BitEncodedInt());
                return true;
            case CheckpointFormat.Operation.End:
                isEnded = true;
                return true;
            case CheckpointFormat.Operation.Attributes:
                int id = ReadId(reader);
                byte outputs = reader.ReadByte();
                var labels = StreamLabels.Of(reader.ReadString());
                int length = reader.Read7BitEncodedInt();
                if (length is < 0 or > PushRequestWriter.MaxMetadataBytes)
                {
                    return false;
                }

                byte[] metadata = reader.ReadBytes(length);
                state.AddAttributes(id, new StreamAttributes(
                    labels, metadata, (outputs & CheckpointFormat.HasOutput) != 0, StreamRules.Excluding((outputs & CheckpointFormat.NoStdout) != 0 ? LogOutput.Stdout : (outputs & CheckpointFormat.NoStderr) != 0 ? LogOutput.Stderr : null)));
                return metadata.Length == length;
            case CheckpointFormat.Operation.Sent:
                return state.SetSent(
                    reader.Read7BitEncodedInt(),
                    reader.Read7BitEncodedInt(),
                    new Offsets(reader.Read7BitEncodedInt64(), reader.Read7BitEncodedInt64()),
                    reader.Read7BitEncodedInt64());
            case CheckpointFormat.Operation.Decision:
                state.SetDecision(reader.ReadString(), reader.ReadByte() is <= (byte)ExcludedOutputs.Both and var excluded ? (ExcludedOutputs)excluded : null);
                return true;
            case CheckpointFormat.Operation.Cursor:
                state.SetCursor(reader.Read7BitEncodedInt(), reader.ReadString());
                return true;
            case CheckpointFormat.Operation.SentCursor:
                state.SetSentCursor(reader.Read7BitEncodedInt(), reader.ReadString());
                return true;
            case CheckpointFormat.Operation.SentWindow:
                state.SetSentWindow(reader.Read7BitEncodedInt(), reader.ReadBoolean()
                    ? new TimeWindow(
                        reader.Read7BitEncodedInt64(), reader.Read7BitEncodedInt64(), reader.Read7BitEncodedInt64(),
                        reader.Read7BitEncodedInt64(), reader.Read7BitEncodedInt64(), reader.Read7BitEncodedInt64())
                    : null);
                return true;
            case CheckpointFormat.Operation.Booking:
                return state.SetBooking(reader.Read7BitEncodedInt(), new Booking(reader.ReadBoolean(), reader.ReadString(), reader.Read7BitEncodedInt64()));
            case CheckpointFormat.Operation.Losses:
                return TryReadLosses(reader, state);
            case CheckpointFormat.Operation.Started:
                state.IsStarted = true;
                return true;
            case CheckpointFormat.Operation.Boot:
                state.Boot = reader.ReadString();
                return true;
            default:
                return false;
        }
    }

    private static int ReadId(BinaryReader reader) =>
        reader.Read7BitEncodedInt() is > 0 and <= MaxId and int id ? id : throw new FormatException("no number of anything");

    private static bool TryReadLosses(BinaryReader reader, CheckpointState state)
    {
        int stream = reader.Read7BitEncodedInt();
        int count = reader.Read7BitEncodedInt();
        var losses = new List<Loss>();
        for (int i = 0; i < count; i++)
        {
            var loss = new Loss(
                reader.Read7BitEncodedInt64(), reader.Read7BitEncodedInt64(), reader.Read7BitEncodedInt64(), reader.ReadString(), reader.ReadString());
            long sentNs = reader.Read7BitEncodedInt64();
            losses.Add(sentNs == 0 ? loss : loss with { SentNs = sentNs, Attributes = state.FindAttributes(reader.Read7BitEncodedInt()) });
        }

        state.SetLosses(stream, [.. losses]);
        return count >= 0 && losses.TrueForAll(loss => loss.Bytes >= 0);
    }
}
