using System.Buffers.Binary;

namespace Shipper.Core.Tests.Journal;

/// <summary>Changes the sequence numbers of the entries in a journal file: https://systemd.io/JOURNAL_FILE_FORMAT/.</summary>
internal static class JournalSequenceNumbers
{
    private const int SequenceId = 72;
    private const int SequenceIdBytes = 16;
    private const int HeaderSize = 88;
    private const int TailObject = 136;
    private const int TailSequence = 160;
    private const int HeadSequence = 168;
    private const int ObjectSize = 8;
    private const int EntrySequence = 16;
    private const byte EntryObject = 3;

    /// <summary>Numbers a file as journald does since systemd 254: it continues the numbers of the file from which it copied the entries.</summary>
    /// <param name="path">The file.</param>
    /// <param name="source">The file that also has its first entries.</param>
    /// <param name="shift">Added to each number.</param>
    public static void Continue(string path, string source, ulong shift)
    {
        byte[] file = File.ReadAllBytes(path);
        File.ReadAllBytes(source).AsSpan(SequenceId, SequenceIdBytes).CopyTo(file.AsSpan(SequenceId));
        Add(file.AsSpan(TailSequence), shift);
        Add(file.AsSpan(HeadSequence), shift);
        long tail = BinaryPrimitives.ReadInt64LittleEndian(file.AsSpan(TailObject));
        for (long at = BinaryPrimitives.ReadInt64LittleEndian(file.AsSpan(HeaderSize)); at <= tail;)
        {
            Span<byte> found = file.AsSpan((int)at);
            if (found[0] == EntryObject)
            {
                Add(found[EntrySequence..], shift);
            }

            at += Math.Max(8, (BinaryPrimitives.ReadInt64LittleEndian(found[ObjectSize..]) + 7) & ~7L);
        }

        File.WriteAllBytes(path, file);
    }

    private static void Add(Span<byte> number, ulong shift) =>
        BinaryPrimitives.WriteUInt64LittleEndian(number, BinaryPrimitives.ReadUInt64LittleEndian(number) + shift);
}
