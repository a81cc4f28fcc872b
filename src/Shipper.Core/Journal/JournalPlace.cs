namespace Shipper.Journal;

/// <summary>
/// An entry's place in what was logged during one boot. journald copies entries from file to file; a copy has another number, but keeps its place.
/// </summary>
/// <param name="Boot">The boot.</param>
/// <param name="Monotonic">Microseconds since the boot began. Everything that journald takes in one go has the same.</param>
/// <param name="Ordinal">Which entry of that microsecond it is, from 1 on.</param>
internal readonly record struct JournalPlace(JournalId Boot, ulong Monotonic, int Ordinal)
{
    /// <summary>True if the other entry is logged during the same boot, and not later than this one.</summary>
    public bool IsNotBefore(in JournalPlace other) =>
        other.Boot == Boot && (other.Monotonic < Monotonic || (other.Monotonic == Monotonic && other.Ordinal <= Ordinal));
}
