using System.Globalization;

namespace Shipper.Journal;

/// <summary>
/// What a cursor of the journal says of its entry's number:
/// <c>s=SEQNUM_ID;i=SEQNUM;b=BOOT_ID;m=MONOTONIC;t=REALTIME;x=XOR_HASH</c>, all but the ids in hexadecimal. The library takes
/// any part that names a place; the meaning of the parts is private to it, so nothing here depends on them but counts.
/// </summary>
/// <param name="SequenceId">Whose numbers they are: one journald's, over all the files it writes.</param>
/// <param name="Sequence">The number.</param>
internal readonly record struct JournalCursor(string SequenceId, ulong Sequence)
{
    /// <summary>A cursor for an entry of which only the time is known.</summary>
    public static string OfTime(ulong microseconds) => string.Create(CultureInfo.InvariantCulture, $"t={microseconds:x}");

    /// <summary>Reads the time of a cursor's entry, in microseconds since 1970.</summary>
    public static ulong? ReadTime(string cursor)
    {
        foreach (Range part in cursor.AsSpan().Split(';'))
        {
            ReadOnlySpan<char> text = cursor.AsSpan(part);
            if (text.StartsWith("t=", StringComparison.Ordinal)
                && ulong.TryParse(text[2..], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ulong time))
            {
                return time;
            }
        }

        return null;
    }

    /// <summary>Reads a cursor.</summary>
    /// <returns>False where it has no number.</returns>
    public static bool TryParse(string cursor, out JournalCursor parsed)
    {
        string? id = null;
        ulong? sequence = null;
        foreach (Range part in cursor.AsSpan().Split(';'))
        {
            ReadOnlySpan<char> text = cursor.AsSpan(part);
            if (text.StartsWith("s=", StringComparison.Ordinal))
            {
                id = text[2..].ToString();
            }
            else if (text.StartsWith("i=", StringComparison.Ordinal)
                && ulong.TryParse(text[2..], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ulong number))
            {
                sequence = number;
            }
        }

        parsed = new JournalCursor(id ?? string.Empty, sequence ?? 0);
        return id is not null && sequence is not null;
    }
}
