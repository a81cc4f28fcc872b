using Microsoft.Extensions.Logging;

namespace Shipper.Journal;

/// <summary>The current problems of a directory and its parts. Each problem is logged when it appears and when it is resolved.</summary>
internal sealed class JournalProblems(ILogger logger)
{
    public IReadOnlyList<JournalProblem> Current { get; private set; } = [];

    /// <summary>
    /// Replaces the current problems, and logs new ones in one line per reason, however many files are affected. If the problems of single files are logged,
    /// the problem that no file of the directory can be read is not.
    /// </summary>
    public void Report(IReadOnlyList<JournalProblem> problems)
    {
        bool hasCause = problems.Any(problem => problem is { Level: LogLevel.Error, Reason: not JournalProblemReasons.NoReadableFile });
        foreach (IGrouping<string, JournalProblem> found in problems.Except(Current).GroupBy(problem => problem.Reason))
        {
            if (found.Key != JournalProblemReasons.NoReadableFile || !hasCause)
            {
                JournalProblem first = found.First();
                int others = found.Count() - 1;
                string text = others == 0 ? first.Text : $"{first.Text}, and {others} more with the same problem";
                JournalEvents.ProblemFound(logger, first.Level, first.Path, text, first.Reason, first.Remedy);
            }
        }

        foreach (JournalProblem problem in Current.Except(problems))
        {
            JournalEvents.ProblemResolved(logger, problem.Level > LogLevel.Information ? LogLevel.Information : LogLevel.Debug, problem.Path, problem.Reason);
        }

        Current = problems;
    }
}
