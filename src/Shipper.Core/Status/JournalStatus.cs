namespace Shipper.Status;

/// <summary>Whether the journal is read.</summary>
/// <param name="State"><c>reading</c>, <c>not reading</c> or <c>off</c>.</param>
/// <param name="Directories">The configured directories.</param>
/// <param name="Problems">What prevents reading.</param>
internal sealed record JournalStatus(string State, IReadOnlyList<JournalDirectoryStatus> Directories, IReadOnlyList<JournalProblemStatus> Problems);
