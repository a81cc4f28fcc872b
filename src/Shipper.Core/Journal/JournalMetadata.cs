using System.Text.Unicode;
using Shipper.Loki;
using Shipper.Records;

namespace Shipper.Journal;

/// <summary>
/// Writes the structured metadata of an entry, as fields of Loki's EntryAdapter:
/// <code>
/// message EntryAdapter     { ...; repeated LabelPairAdapter structuredMetadata = 3; }
/// message LabelPairAdapter { string name = 1; string value = 2; }
/// </code>
/// Source: grafana/loki, pkg/push/push.proto.
/// </summary>
internal static class JournalMetadata
{
    /// <summary>The longest value. Loki takes 64 kB of structured metadata an entry, but no one reads such an identifier.</summary>
    public const int MaxValueBytes = 1_024;

    /// <summary>The most bytes that the metadata of an entry takes.</summary>
    public const int MaxBytes = Pairs * MaxPairBytes;

    private const int Pairs = 6;
    private const int MaxNameBytes = 10;

    // Tag and length (2 bytes) of the pair, of its name (1 byte) and of its value (2 bytes).
    private const int MaxPairBytes = 1 + 2 + 1 + 1 + MaxNameBytes + 1 + 2 + MaxValueBytes;

    /// <summary>Writes <c>level identifier pid transport boot_id</c> as far as the entry has them, and <c>unit_full</c>.</summary>
    /// <param name="target">Where to; with room for <see cref="MaxBytes"/>.</param>
    /// <param name="entry">The entry.</param>
    /// <returns>Bytes written.</returns>
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
            ? PushRequestWriter.WriteMetadata(target, name, value)
            : WriteUnclean(target, name, value);
    }

    private static int WriteUnclean(Span<byte> target, ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        Span<byte> clean = stackalloc byte[MaxValueBytes];
        return PushRequestWriter.WriteMetadata(target, name, clean[..Utf8Text.Cut(value, hasMore: false, clean, out _)]);
    }
}
