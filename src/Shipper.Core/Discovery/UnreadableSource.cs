namespace Shipper.Discovery;

/// <summary>A directory or a log that can't be read.</summary>
/// <param name="Path">The directory, or the path that matched a glob.</param>
/// <param name="Reason">A word for the problem: label <c>reason</c> of <c>shipper_file_errors_total</c>, or <c>read_twice</c>.</param>
/// <param name="Text">What is wrong, without the path.</param>
/// <param name="Remedy">What somebody can do about it.</param>
internal sealed record UnreadableSource(string Path, string Reason, string Text, string Remedy);
