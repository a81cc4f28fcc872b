namespace Shipper.Status;

/// <summary>A directory of the journal.</summary>
internal sealed record JournalDirectoryStatus(string Path, bool IsReading);
