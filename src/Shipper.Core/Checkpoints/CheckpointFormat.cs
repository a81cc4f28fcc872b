using System.Buffers.Binary;
using System.IO.Hashing;

namespace Shipper.Checkpoints;

/// <summary>
/// The framing of checkpoint files. Snapshots and logs consist of the same frames:
/// <code>
/// file      = "SHIPCKP1" *frame
/// frame     = length:uint32 crc32:uint32 payload      ; little endian; length and CRC-32 are the payload's
/// payload   = *operation                              ; applied as a whole, or not at all
/// operation = code:byte *byte                         ; see Operations/
/// </code>
/// A log may be applied on top of a later snapshot, because operations are absolute.
/// </summary>
internal static class CheckpointFormat
{
    public const int FrameHeaderBytes = 8;

    /// <summary>Ids range from 1 to this. The agent continues after the largest id that it has read, so a larger id means damage.</summary>
    private const int MaxId = int.MaxValue / 2;

    /// <summary>The first bytes of a file. The digit is the format version.</summary>
    public static ReadOnlySpan<byte> Magic => "SHIPCKP1"u8;

    /// <summary>Fills in the header of a frame that has its payload at <see cref="FrameHeaderBytes"/>.</summary>
    public static void SealFrame(Span<byte> frame)
    {
        ReadOnlySpan<byte> payload = frame[FrameHeaderBytes..];
        BinaryPrimitives.WriteInt32LittleEndian(frame, payload.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(frame[4..], Crc32.HashToUInt32(payload));
    }

    /// <summary>Reads the id in a definition.</summary>
    /// <exception cref="FormatException">The agent never assigns such an id.</exception>
    public static int ReadId(BinaryReader reader) =>
        reader.Read7BitEncodedInt() is > 0 and <= MaxId and int id ? id : throw new FormatException("not an id");
}
