using Microsoft.Extensions.Logging;

namespace Shipper.Journal;

/// <summary>A problem that prevents reading the journal, or a part of it.</summary>
/// <param name="Reason">One of <see cref="JournalProblemReasons"/>.</param>
/// <param name="Path">The directory or file.</param>
/// <param name="Text">What is wrong, as a clause without the path.</param>
/// <param name="Remedy">What to do about it, as a sentence.</param>
internal sealed record JournalProblem(string Reason, string Path, string Text, string Remedy)
{
    /// <summary>
    /// The severity: Error if data is not sent that should be. On every node one of several directories is missing; the source reports this only if all are
    /// missing.
    /// </summary>
    public LogLevel Level => Reason switch
    {
        JournalProblemReasons.NoDirectory => LogLevel.Debug,
        JournalProblemReasons.NoFiles or JournalProblemReasons.Namespace => LogLevel.Information,
        JournalProblemReasons.NoWatch or JournalProblemReasons.Stalled => LogLevel.Warning,
        _ => LogLevel.Error,
    };
}
