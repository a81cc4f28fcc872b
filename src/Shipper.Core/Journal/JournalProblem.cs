using Microsoft.Extensions.Logging;

namespace Shipper.Journal;

/// <summary>Something that keeps the journal, or a part of it, from being read.</summary>
/// <param name="Reason">One of <see cref="JournalProblemReasons"/>.</param>
/// <param name="Path">The directory or file.</param>
/// <param name="Text">What is wrong, in a sentence without the path.</param>
/// <param name="Remedy">What to do about it, as a sentence.</param>
internal sealed record JournalProblem(string Reason, string Path, string Text, string Remedy)
{
    /// <summary>
    /// An Error is where something is not sent that should be. Of several directories one is missing on every node: that is only
    /// worth a word where all are, which the source says.
    /// </summary>
    public LogLevel Level => Reason switch
    {
        JournalProblemReasons.NoDirectory => LogLevel.Debug,
        JournalProblemReasons.NoFiles or JournalProblemReasons.Namespace => LogLevel.Information,
        JournalProblemReasons.NoWatch or JournalProblemReasons.Stalled => LogLevel.Warning,
        _ => LogLevel.Error,
    };
}
