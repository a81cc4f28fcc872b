namespace Shipper.Journal;

/// <summary>
/// The place of an entry among all entries of a boot. journald copies entries from file to file; a copy has another sequence number, but the same place.
/// </summary>
/// <param name="Monotonic">Microseconds since the boot. Entries that journald receives together share this value.</param>
/// <param name="Ordinal">The ordinal of the entry within that microsecond, starting at 1.</param>
internal readonly record struct JournalPlace(JournalId Boot, ulong Monotonic, int Ordinal)
{
    /// <summary>True if the other entry was logged during the same boot and not later than this one.</summary>
    public bool IsAtOrAfter(in JournalPlace other) =>
        other.Boot == Boot && (other.Monotonic < Monotonic || (other.Monotonic == Monotonic && other.Ordinal <= Ordinal));
}
