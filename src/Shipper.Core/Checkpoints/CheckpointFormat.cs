using System.Buffers.Binary;
using System.IO.Hashing;

namespace Shipper.Checkpoints;

/// <summary>
/// The bytes around the operations. A snapshot and a log are made of the same frames:
/// <code>
/// file      = "SHIPCKP1" *frame
/// frame     = length:uint32 crc32:uint32 payload      ; little endian; length and CRC-32 are the payload's
/// payload   = *operation                              ; all of it holds, or none
/// operation = code:byte *byte                         ; see Operations/
/// </code>
/// A log may be applied on top of a later snapshot, since operations are absolute.
/// </summary>
internal static class CheckpointFormat
{
    public const int FrameHeaderBytes = 8;

    /// <summary>The agent gives ids from 1 up to this. It counts on behind the largest that it reads, so a larger one is damage.</summary>
    private const int MaxId = int.MaxValue / 2;

    /// <summary>What a file begins with. The digit is the version of the format.</summary>
    public static ReadOnlySpan<byte> Magic => "SHIPCKP1"u8;

    /// <summary>Completes a frame whose payload begins at <see cref="FrameHeaderBytes"/>.</summary>
    public static void SealFrame(Span<byte> frame)
    {
        ReadOnlySpan<byte> payload = frame[FrameHeaderBytes..];
        BinaryPrimitives.WriteInt32LittleEndian(frame, payload.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(frame[4..], Crc32.HashToUInt32(payload));
    }

    /// <summary>Reads the id that a definition gives.</summary>
    /// <exception cref="FormatException">The agent gives no such id.</exception>
    public static int ReadId(BinaryReader reader) =>
        reader.Read7BitEncodedInt() is > 0 and <= MaxId and int id ? id : throw new FormatException("not an id");
}
