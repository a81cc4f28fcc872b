using System.Buffers.Binary;

namespace Shipper.Journal;

/// <summary>
/// The beginning of a journal file, as far as it tells why a library can't read it.
/// <code>
/// u8 signature[8] = "LPKSHHRH"; le32 compatible_flags; le32 incompatible_flags; ... 192: le64 tail_entry_realtime; ...
/// </code>
/// Source: https://systemd.io/JOURNAL_FILE_FORMAT/. A reader must refuse a file with an incompatible flag that it does not
/// know.
/// </summary>
internal static class JournalFileHeader
{
    private const int FlagsOffset = 12;
    private const int TailTimeOffset = 192;

    // HEADER_SIZE_MIN: as the first journal files had it.
    private const int Bytes = 208;

    // HEADER_INCOMPATIBLE_*, by bit, with the version of systemd that began to write it.
    private static readonly string[] FlagNames =
        ["xz compression", "lz4 compression", "keyed hash (systemd 246)", "zstd compression (systemd 246)", "compact mode (systemd 252)"];

    /// <summary>Says in words what a file needs its reader to know.</summary>
    /// <returns>Null where the file is no journal, or can't be read.</returns>
    public static string? DescribeFlags(string path)
    {
        Span<byte> header = stackalloc byte[Bytes];
        return TryRead(path, header) ? DescribeFlags(BinaryPrimitives.ReadUInt32LittleEndian(header[FlagsOffset..])) : null;
    }

    /// <summary>The time of the newest entry, in microseconds since 1970; 0 where there is none or it can't be read.</summary>
    public static ulong ReadTailTime(string path)
    {
        Span<byte> header = stackalloc byte[Bytes];
        return TryRead(path, header) ? BinaryPrimitives.ReadUInt64LittleEndian(header[TailTimeOffset..]) : 0;
    }

    private static bool TryRead(string path, Span<byte> header)
    {
        try
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
            return file.ReadAtLeast(header, Bytes, throwOnEndOfStream: false) >= Bytes && header.StartsWith("LPKSHHRH"u8);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private static string DescribeFlags(uint flags)
    {
        var names = new List<string>();
        for (int bit = 0; bit < 32; bit++)
        {
            if ((flags & (1u << bit)) != 0)
            {
                names.Add(bit < FlagNames.Length ? FlagNames[bit] : $"flag 0x{1u << bit:x}");
            }
        }

        return names.Count == 0 ? "nothing special" : string.Join(", ", names);
    }
}
