using Microsoft.Extensions.Logging;

namespace Shipper.Journal;

/// <summary>Current problems of a directory or of parts of it. Each is logged when it appears and when it is gone.</summary>
/// <param name="logger">The log.</param>
internal sealed class JournalProblems(ILogger logger)
{
    public IReadOnlyList<JournalProblem> Present { get; private set; } = [];

    /// <summary>
    /// Keeps the problems and logs new ones: one line for each reason, however many files have it. That no file of the directory can be read is not logged
    /// beside the reasons of the files.
    /// </summary>
    public void Report(IReadOnlyList<JournalProblem> problems)
    {
        bool tellsWhy = problems.Any(problem => problem is { Level: LogLevel.Error, Reason: not JournalProblemReasons.NoReadableFile });
        foreach (IGrouping<string, JournalProblem> found in problems.Except(Present).GroupBy(problem => problem.Reason))
        {
            if (found.Key != JournalProblemReasons.NoReadableFile || !tellsWhy)
            {
                JournalProblem first = found.First();
                int others = found.Count() - 1;
                string text = others == 0 ? first.Text : $"{first.Text}, and {others} more like it";
                JournalEvents.ProblemFound(logger, first.Level, first.Path, text, first.Reason, first.Remedy);
            }
        }

        foreach (JournalProblem problem in Present.Except(problems))
        {
            JournalEvents.ProblemGone(logger, problem.Level > LogLevel.Information ? LogLevel.Information : LogLevel.Debug, problem.Path, problem.Reason);
        }

        Present = problems;
    }
}
