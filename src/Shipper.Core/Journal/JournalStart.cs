namespace Shipper.Journal;

/// <summary>Where to begin: behind the cursor's entry, else at a time, else at the oldest entry.</summary>
/// <param name="Cursor">The cursor of the last entry that is done with.</param>
/// <param name="Since">The time, for a journal that was not read before, and for a cursor that makes no sense.</param>
internal readonly record struct JournalStart(string? Cursor, DateTimeOffset? Since);
