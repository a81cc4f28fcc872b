using System.Globalization;

namespace Shipper.Journal;

/// <summary>
/// A series of entries of one boot that a reader took without a gap in their sequence numbers, so that journald wrote nothing else to the directory between
/// them.
/// </summary>
/// <remarks>Owned by its <see cref="JournalTrack"/>.</remarks>
internal sealed class JournalStretch
{
    /// <summary>Place of the first entry, in microseconds since the boot.</summary>
    public required ulong First { get; set; }

    /// <summary>Place of the last entry.</summary>
    public required JournalPlace Last { get; set; }

    /// <summary>The cursor of the last entry, or of a nearby entry that journald would copy together with it; empty if none is known.</summary>
    public string Cursor { get; set; } = "";

    /// <summary>Sequence number of the cursor's entry; 0 if it is unknown.</summary>
    public ulong Number { get; set; }

    /// <summary>True if an entry at a place is in the stretch, or is a copy of such an entry, provided that the same journald wrote it.</summary>
    public bool Covers(in JournalPlace place) => place.Monotonic >= First && Last.IsAtOrAfter(place);

    /// <summary>Formats the stretch without its boot, as <c>FIRST-LAST-ORDINAL</c> in hexadecimal.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{First:x}-{Last.Monotonic:x}-{Last.Ordinal:x}");

    /// <summary>Parses a stretch.</summary>
    /// <param name="text">The result of <see cref="ToString"/>.</param>
    /// <param name="boot">The stretch's boot.</param>
    /// <returns>Null if the text is not a stretch.</returns>
    public static JournalStretch? Read(ReadOnlySpan<char> text, JournalId boot)
    {
        Span<Range> parts = stackalloc Range[4];
        return text.Split(parts, '-') == 3
            && TryRead(text[parts[0]], out ulong first) && TryRead(text[parts[1]], out ulong last) && TryRead(text[parts[2]], out ulong ordinal)
            ? new JournalStretch { First = first, Last = new JournalPlace(boot, last, (int)Math.Min(ordinal, int.MaxValue)) }
            : null;
    }

    private static bool TryRead(ReadOnlySpan<char> text, out ulong number) => ulong.TryParse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out number);
}
