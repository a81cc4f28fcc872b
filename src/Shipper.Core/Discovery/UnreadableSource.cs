namespace Shipper.Discovery;

/// <summary>A file or directory that the agent should read and can't.</summary>
/// <param name="Path">Its path.</param>
/// <param name="Reason">Label <c>reason</c> of <c>shipper_file_errors_total</c>.</param>
/// <param name="Text">What is wrong, in one sentence.</param>
/// <param name="Remedy">What to do about it.</param>
internal sealed record UnreadableSource(string Path, string Reason, string Text, string Remedy);
