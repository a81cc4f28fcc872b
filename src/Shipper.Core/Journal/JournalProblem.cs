namespace Shipper.Journal;

/// <summary>Something that keeps the journal, or a part of it, from being read.</summary>
/// <param name="Reason">One of <see cref="JournalProblemReasons"/>.</param>
/// <param name="Path">The directory or file.</param>
/// <param name="Text">What is wrong, in a sentence without the path.</param>
/// <param name="Remedy">What to do about it, as a sentence.</param>
internal sealed record JournalProblem(string Reason, string Path, string Text, string Remedy);
