using System.Text.Unicode;
using Shipper.Records;

namespace Shipper.Journal;

/// <summary>
/// Encodes the structured metadata of an entry as fields of Loki's EntryAdapter:
/// <code>
/// message EntryAdapter     { ...; repeated LabelPairAdapter structuredMetadata = 3; }
/// message LabelPairAdapter { string name = 1; string value = 2; }
/// </code>
/// Source: grafana/loki, pkg/push/push.proto.
/// </summary>
internal static class JournalMetadata
{
    /// <summary>
    /// Maximum length of a value in bytes. Loki accepts 64 kB of structured metadata per entry, but nobody would read such an identifier.
    /// </summary>
    public const int MaxValueBytes = 1_024;

    /// <summary>Maximum size of an entry's encoded metadata in bytes.</summary>
    public const int MaxBytes = Pairs * MaxPairBytes;

    private const int Pairs = 6;
    private const int MaxNameBytes = 10;

    // Tag and length (2 bytes) of the pair, of its name (1 byte) and of its value (2 bytes).
    private const int MaxPairBytes = 1 + 2 + 1 + 1 + MaxNameBytes + 1 + 2 + MaxValueBytes;

    /// <summary>Encodes <c>level identifier pid transport boot_id</c>, except those that the entry does not have, and <c>unit_full</c>.</summary>
    /// <param name="target">The destination, of at least <see cref="MaxBytes"/> bytes.</param>
    /// <returns>The number of bytes written.</returns>
    public static int Write(Span<byte> target, in JournalEntry entry)
    {
        int position = WritePair(target, "level"u8, entry.Level);
        position += WritePair(target[position..], "identifier"u8, entry.Identifier);
        position += WritePair(target[position..], "pid"u8, entry.Pid);
        position += WritePair(target[position..], "transport"u8, entry.Transport);
        position += WritePair(target[position..], "boot_id"u8, entry.BootId);
        entry.Unit.Metadata.CopyTo(target[position..]);
        return position + entry.Unit.Metadata.Length;
    }

    /// <summary>Encodes the pair <c>unit_full</c>.</summary>
    public static byte[] EncodeUnit(ReadOnlySpan<byte> name)
    {
        Span<byte> pair = stackalloc byte[MaxPairBytes];
        return pair[..WritePair(pair, "unit_full"u8, name)].ToArray();
    }

    private static int WritePair(Span<byte> target, ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        if (value.IsEmpty)
        {
            return 0;
        }

        return value.Length <= MaxValueBytes && Utf8.IsValid(value)
            ? EntryMetadata.Write(target, name, value)
            : WriteUnclean(target, name, value);
    }

    private static int WriteUnclean(Span<byte> target, ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        Span<byte> clean = stackalloc byte[MaxValueBytes];
        return EntryMetadata.Write(target, name, clean[..Utf8Text.Cut(value, hasMore: false, clean, out _)]);
    }
}
