namespace Shipper.Status;

/// <summary>What prevents reading a journal.</summary>
/// <param name="Reason">Label <c>reason</c> of <c>shipper_journal_errors_total</c>.</param>
internal sealed record JournalProblemStatus(string Path, string Reason, string Text, string Remedy);
