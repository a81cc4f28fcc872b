namespace Shipper.Journal;

/// <summary>Where to start: after the cursor's entry, else at a time, else at the oldest entry.</summary>
/// <param name="Cursor">The cursor of the last acknowledged entry.</param>
/// <param name="Since">The time, for a journal that was not read before, and for an invalid cursor.</param>
internal readonly record struct JournalStart(string? Cursor, DateTimeOffset? Since);
