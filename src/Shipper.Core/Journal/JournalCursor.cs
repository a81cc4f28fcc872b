using System.Globalization;

namespace Shipper.Journal;

/// <summary>
/// The content of a journal cursor: <c>s=SEQNUM_ID;i=SEQNUM;b=BOOT_ID;m=MONOTONIC;t=REALTIME;x=XOR_HASH</c>, all but the IDs in hexadecimal. The library
/// accepts any subset of these parts that identifies a place. The agent appends <c>;k=ORDINAL;f=STRETCH,STRETCH</c>: the entry's ordinal within its
/// microsecond, and the stretches that were taken from the directory during its boot.
/// </summary>
/// <param name="SequenceId">Identifies the journald that assigned the sequence number. Its numbers span all files of a directory.</param>
/// <param name="Sequence">The sequence number. A copy of the entry in another file has a different one.</param>
internal readonly record struct JournalCursor(string SequenceId, ulong Sequence)
{
    private const string Own = ";k=";

    /// <summary>Creates a cursor from the time of an entry, if nothing else about the entry is known.</summary>
    public static string OfTime(ulong microseconds) => string.Create(CultureInfo.InvariantCulture, $"t={microseconds:x}");

    /// <summary>Replaces the time in a cursor. The result must not be used to seek.</summary>
    public static string WithTime(string cursor, ulong microseconds) => string.Join(
        ';', cursor.Split(';').Select(part => part.StartsWith("t=", StringComparison.Ordinal) ? OfTime(microseconds) : part));

    /// <summary>Creates a cursor from the place and the time of an entry, if nothing else about the entry is known.</summary>
    public static string OfPlace(in JournalPlace place, ulong microseconds) =>
        string.Create(CultureInfo.InvariantCulture, $"b={place.Boot};m={place.Monotonic:x};t={microseconds:x}{Own}{place.Ordinal:x}");

    /// <summary>Appends the agent's own parts to a cursor: the ordinal and the stretches.</summary>
    public static string AppendTrack(string cursor, JournalTrack track) => string.Create(
        CultureInfo.InvariantCulture, $"{ForLibrary(cursor)}{Own}{track.Place.Ordinal:x};f={string.Join(',', track.Stretches.Where(stretch => stretch.Last.Boot == track.Place.Boot))}");

    /// <summary>Returns the cursor without the agent's own parts.</summary>
    public static string ForLibrary(string cursor) => cursor.IndexOf(Own, StringComparison.Ordinal) is >= 0 and int end ? cursor[..end] : cursor;

    /// <summary>Returns the part of a cursor that an entry shares with its copies; empty if the cursor has only a time or a sequence number.</summary>
    public static string ContentOf(string cursor)
    {
        string written = ForLibrary(cursor);
        return ReadPlace(written) is null ? "" : written[(written.StartsWith("b=", StringComparison.Ordinal) ? 0 : written.IndexOf(";b=", StringComparison.Ordinal) + 1)..];
    }

    /// <summary>Creates a cursor from which the files of a later boot are read from their beginning, regardless of their timestamps.</summary>
    /// <param name="cursor">The cursor of an entry of an earlier boot.</param>
    /// <param name="boot">The boot during which the files were written.</param>
    public static string ForStartOfBoot(string cursor, JournalId boot)
    {
        string number = TryParse(cursor, out JournalCursor parsed) ? string.Create(CultureInfo.InvariantCulture, $"s={parsed.SequenceId};i={parsed.Sequence:x};") : "";
        return string.Create(CultureInfo.InvariantCulture, $"{number}b={boot};m=0;t={ReadTime(cursor) ?? 0:x}");
    }

    /// <summary>True if both cursors belong to the same entry of the same file.</summary>
    public static bool AreOfSameEntry(string a, string b)
    {
        int own = a.IndexOf(Own, StringComparison.Ordinal);
        int other = b.IndexOf(Own, StringComparison.Ordinal);
        return a.AsSpan(0, own < 0 ? a.Length : own).SequenceEqual(b.AsSpan(0, other < 0 ? b.Length : other));
    }

    /// <summary>Reads the time of a cursor's entry, in microseconds since 1970.</summary>
    public static ulong? ReadTime(string cursor) => ReadNumber(cursor, 't');

    /// <summary>Reads the stretches that were taken from the directory; null if the cursor has none.</summary>
    public static List<JournalStretch>? ReadStretches(string cursor)
    {
        if (!cursor.Contains(";f=", StringComparison.Ordinal) || ReadPlace(cursor) is not { } place)
        {
            return null;
        }

        var stretches = new List<JournalStretch>();
        ReadOnlySpan<char> text = Find(cursor, 'f');
        foreach (Range part in text.Split(','))
        {
            if (JournalStretch.Read(text[part], place.Boot) is { } stretch)
            {
                stretches.Add(stretch);
            }
        }

        return stretches;
    }

    /// <summary>
    /// Reads the place of a cursor's entry; null if the cursor does not contain it. A cursor without an ordinal, from an earlier version, counts as the first
    /// entry of its microsecond.
    /// </summary>
    public static JournalPlace? ReadPlace(string cursor) =>
        JournalId.TryParse(Find(cursor, 'b'), out JournalId boot) && ReadNumber(cursor, 'm') is { } monotonic
            ? new JournalPlace(boot, monotonic, (int)Math.Min(ReadNumber(cursor, 'k') ?? 1, int.MaxValue))
            : null;

    /// <summary>Parses a cursor.</summary>
    /// <returns>False if it has no sequence number.</returns>
    public static bool TryParse(string cursor, out JournalCursor parsed)
    {
        ReadOnlySpan<char> id = Find(cursor, 's');
        ulong? sequence = ReadNumber(cursor, 'i');
        parsed = new JournalCursor(id.ToString(), sequence ?? 0);
        return sequence is not null && id.Length > 0;
    }

    private static ulong? ReadNumber(string cursor, char name) =>
        ulong.TryParse(Find(cursor, name), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ulong number) ? number : null;

    /// <summary>Returns the value of the first part with a name; empty if the cursor has no such part.</summary>
    private static ReadOnlySpan<char> Find(string cursor, char name)
    {
        foreach (Range part in cursor.AsSpan().Split(';'))
        {
            ReadOnlySpan<char> text = cursor.AsSpan(part);
            if (text.Length >= 2 && text[0] == name && text[1] == '=')
            {
                return text[2..];
            }
        }

        return default;
    }
}
