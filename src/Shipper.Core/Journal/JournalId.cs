using System.Runtime.InteropServices;

namespace Shipper.Journal;

/// <summary>A 128-bit ID, such as that of a boot, with the library's memory layout (<c>sd_id128_t</c>).</summary>
/// <param name="First">The first 64 bits, as a number in the machine's byte order.</param>
/// <param name="Second">The last 64 bits.</param>
[StructLayout(LayoutKind.Sequential)]
internal readonly record struct JournalId(ulong First, ulong Second)
{
    /// <summary>Parses an ID of 32 hexadecimal digits, with or without the dashes of a UUID.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out JournalId id)
    {
        id = default;
        if (!Guid.TryParseExact(text, "N", out Guid guid) && !Guid.TryParseExact(text, "D", out guid))
        {
            return false;
        }

        Span<byte> bytes = stackalloc byte[16];
        id = guid.TryWriteBytes(bytes, bigEndian: true, out _) ? Read(bytes) : default;
        return true;
    }

    /// <summary>Reads an ID from 16 bytes.</summary>
    public static JournalId Read(ReadOnlySpan<byte> bytes) => new(BitConverter.ToUInt64(bytes), BitConverter.ToUInt64(bytes[8..]));

    /// <summary>Formats the ID as 32 hexadecimal digits.</summary>
    public override string ToString()
    {
        Span<byte> bytes = stackalloc byte[16];
        _ = BitConverter.TryWriteBytes(bytes, First) && BitConverter.TryWriteBytes(bytes[8..], Second);
        return new Guid(bytes, bigEndian: true).ToString("N");
    }
}
