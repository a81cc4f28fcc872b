using System.Buffers.Binary;
using Shipper.Native;

namespace Shipper.Journal;

/// <summary>
/// The header of a journal file. It explains why a library can't read the file, and shows which entries the file has.
/// <code>
/// u8 signature[8] = "LPKSHHRH"; le32 compatible_flags; le32 incompatible_flags; ... 56: id128 tail_entry_boot_id; 72: id128 seqnum_id; ...
/// 160: le64 tail_entry_seqnum; ... 184: le64 head_entry_realtime; le64 tail_entry_realtime; ...
/// </code>
/// Source: https://systemd.io/JOURNAL_FILE_FORMAT/. A reader must refuse a file with an incompatible flag that is unknown to the reader.
/// </summary>
/// <param name="SequenceId">Identifies the journald that numbered the entries.</param>
/// <param name="LastSequence">Sequence number of the newest entry.</param>
/// <param name="LastBoot">Boot of the newest entry.</param>
/// <param name="FirstTime">Time of the oldest entry, in microseconds since 1970; 0 if the file has no entry.</param>
/// <param name="LastTime">Time of the newest entry, in microseconds since 1970; 0 if the file has no entry.</param>
internal readonly record struct JournalFileHeader(JournalId SequenceId, ulong LastSequence, JournalId LastBoot, ulong FirstTime, ulong LastTime)
{
    private const int FlagsOffset = 12;
    private const int LastBootOffset = 56;
    private const int SequenceIdOffset = 72;
    private const int LastSequenceOffset = 160;
    private const int FirstTimeOffset = 184;
    private const int LastTimeOffset = 192;

    // HEADER_SIZE_MIN: the header size of the first version of the format.
    private const int Bytes = 208;

    // HEADER_INCOMPATIBLE_*, by bit, with the version of systemd that introduced the flag.
    private static readonly string[] FlagNames =
        ["xz compression", "lz4 compression", "keyed hash (systemd 246)", "zstd compression (systemd 246)", "compact mode (systemd 252)"];

    /// <summary>Describes the format features that a reader of the file must support.</summary>
    /// <returns>Null if the file can't be read or is not a journal file.</returns>
    public static string? DescribeFlags(string path)
    {
        Span<byte> header = stackalloc byte[Bytes];
        return TryRead(path, header) ? DescribeFlags(BinaryPrimitives.ReadUInt32LittleEndian(header[FlagsOffset..])) : null;
    }

    /// <summary>Reads the header of a file.</summary>
    /// <returns>Null if the file can't be read or is not a journal file.</returns>
    public static JournalFileHeader? Read(string path)
    {
        Span<byte> header = stackalloc byte[Bytes];
        return TryRead(path, header)
            ? new JournalFileHeader(
                JournalId.Read(header[SequenceIdOffset..]),
                BinaryPrimitives.ReadUInt64LittleEndian(header[LastSequenceOffset..]),
                JournalId.Read(header[LastBootOffset..]),
                BinaryPrimitives.ReadUInt64LittleEndian(header[FirstTimeOffset..]),
                BinaryPrimitives.ReadUInt64LittleEndian(header[LastTimeOffset..]))
            : null;
    }

    /// <summary>
    /// True if the file's newest entry is the cursor's or an older one. Compares only sequence numbers, because the clock may have been set back.
    /// </summary>
    public bool EndsBefore(string cursor) =>
        JournalCursor.TryParse(cursor, out JournalCursor numbered) && IsOf(numbered) && LastSequence <= numbered.Sequence;

    /// <summary>True if the entries of this file were numbered by the journald that wrote the cursor.</summary>
    public bool IsOf(JournalCursor cursor) => JournalId.TryParse(cursor.SequenceId, out JournalId id) && id == SequenceId;

    private static bool TryRead(string path, Span<byte> header)
    {
        try
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
            return file.ReadAtLeast(header, Bytes, throwOnEndOfStream: false) >= Bytes && header.StartsWith("LPKSHHRH"u8);
        }
        catch (Exception e) when (IoFailure.Is(e))
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

        return names.Count == 0 ? "no incompatible flags" : string.Join(", ", names);
    }
}
