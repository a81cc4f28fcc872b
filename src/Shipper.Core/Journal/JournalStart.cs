namespace Shipper.Journal;

/// <summary>Where to start: after the cursor's entry; without a cursor, at a time; without either, at the oldest entry.</summary>
/// <param name="Cursor">The cursor of the last acknowledged entry.</param>
/// <param name="Since">The time to use if the journal was not read before, or if the cursor is invalid.</param>
internal readonly record struct JournalStart(string? Cursor, DateTimeOffset? Since);
