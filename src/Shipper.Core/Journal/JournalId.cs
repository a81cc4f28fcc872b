using System.Runtime.InteropServices;

namespace Shipper.Journal;

/// <summary>An id of 128 bits, such as that of a boot, laid out as the library has it (<c>sd_id128_t</c>).</summary>
/// <param name="First">The first 64 bits, as a number of the machine's byte order.</param>
/// <param name="Second">The last 64 bits.</param>
[StructLayout(LayoutKind.Sequential)]
internal readonly record struct JournalId(ulong First, ulong Second)
{
    /// <summary>Reads an id from 32 hexadecimal digits, with or without the dashes of a UUID.</summary>
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

    /// <summary>Reads an id from 16 bytes.</summary>
    public static JournalId Read(ReadOnlySpan<byte> bytes) => new(BitConverter.ToUInt64(bytes), BitConverter.ToUInt64(bytes[8..]));

    /// <summary>The id as 32 hexadecimal digits.</summary>
    public override string ToString()
    {
        Span<byte> bytes = stackalloc byte[16];
        _ = BitConverter.TryWriteBytes(bytes, First) && BitConverter.TryWriteBytes(bytes[8..], Second);
        return new Guid(bytes, bigEndian: true).ToString("N");
    }
}
